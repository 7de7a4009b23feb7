import { Select, TextInput } from '@mantine/core';
import { choices, today } from '../language/index.js';

interface Input {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A line of text. */
export const Line = ({
  label,
  value,
  onChange,
  ...more
}: Input & { description?: string; required?: boolean; autoFocus?: boolean }) => {
  const { autoFocus, ...rest } = more;
  return (
    <TextInput
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
      {...(autoFocus && { 'data-autofocus': true })}
    />
  );
};

/** A day that was, or, where it says so, is to come. */
export const Day = ({
  label,
  value,
  onChange,
  mayBeAhead = false,
  ...more
}: Input & { mayBeAhead?: boolean; required?: boolean; description?: string }) => (
  <TextInput
    type="date"
    label={label}
    {...(!mayBeAhead && { max: today() })}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
    {...more}
  />
);

/** One of what the catalogue lists under a key, or of what is given. */
export const Choice = <Value extends string = string>({
  label,
  value,
  onChange,
  of,
  ...more
}: {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  of: string | { value: string; label: string }[];
  description?: string;
  clearable?: boolean;
}) => (
  <Select
    label={label}
    data={typeof of === 'string' ? choices(of) : of}
    value={value || null}
    onChange={(chosen) => onChange((chosen ?? '') as Value)}
    allowDeselect={more.clearable ?? false}
    {...more}
  />
);
