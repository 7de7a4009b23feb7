import { z } from 'zod';

type AnyObject = z.ZodObject<z.core.$ZodLooseShape, z.core.$ZodObjectConfig>;

/** One kind of command: what it says, and who may give it. */
export interface CommandDefinition<Schema extends AnyObject = AnyObject> {
  /** Every value in it is checked, and made what it must be, by this alone; whoever sends the command. */
  schema: Schema;
  /** The roles that may give it, where they are not those of its catalogue. */
  by?: readonly string[];
}

/** Everything that can be asked of one kind of subject. */
export interface CommandCatalogue<
  Category extends string = string,
  Definitions extends Record<string, CommandDefinition> = Record<string, CommandDefinition>,
> {
  /** The first part of the names of the subjects' streams. */
  readonly category: Category;
  /** The roles that may give these commands. None but administrators, and the system's own parts, when empty. */
  readonly by: readonly string[];
  readonly definitions: Definitions;
}

/** The union of the commands of a catalogue: the type beside the fields of its schema. */
export type CommandsOf<Catalogue extends CommandCatalogue> = {
  [Type in keyof Catalogue['definitions'] & string]: { type: Type } & FieldsOf<
    Catalogue['definitions'][Type]['schema']
  >;
}[keyof Catalogue['definitions'] & string];

/** A schema without fields would forbid the type beside them. */
type FieldsOf<Schema extends AnyObject> = z.infer<Schema> extends Record<string, never> ? unknown : z.infer<Schema>;

/** One kind of command of a catalogue. */
export type CommandOf<
  Catalogue extends CommandCatalogue,
  Type extends keyof Catalogue['definitions'] & string,
> = Extract<CommandsOf<Catalogue>, { type: Type }>;

/** Says what can be asked of one kind of subject. */
export const commandCatalogue = <const Category extends string, Definitions extends Record<string, CommandDefinition>>(
  category: Category,
  by: readonly string[],
  definitions: Definitions,
): CommandCatalogue<Category, Definitions> => ({ category, by, definitions });

/** Beside the subjects of a kind the API has pages of these names: what was called so could not be reached. */
export const NAMES_OF_PAGES: ReadonlySet<string> = new Set(
  'board check days dry-run export facets feasts figures mutes pending-signatures preview schema timeline unread what-if'.split(
    ' ',
  ),
);

/** The id of a subject as it stands in the name of its stream. */
export const subjectId = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}$/,
    'must be 1 to 200 letters, digits, dots, hyphens or underscores, a letter or digit first',
  )
  .refine((id) => !NAMES_OF_PAGES.has(id), 'is the name of a page: take another');

/** A command as those see it who do not know its catalogue: what it says is looked at by {@link Commands} alone. */
export interface AnyCommand {
  readonly type: string;
}

/** A command with the subject that it is for: plain JSON, so that it can be recorded, or kept in a plan, before it is sent. */
export interface Order {
  /** The category of the subject. */
  to: string;
  subject: string;
  command: AnyCommand;
}

/** An order whose command fits its catalogue; the type parameter alone names that, so that no room needs another's code for it. */
export const order = <Catalogue extends CommandCatalogue>(
  to: Catalogue['category'],
  subject: string,
  command: CommandsOf<Catalogue>,
): Order => ({ to, subject, command });
