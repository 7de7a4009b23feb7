import { language } from '../../language/index.js';

/** What a follower of the log is called; one that the catalogue does not know, by its own name. */
export function consumerName(name: string): string {
  const [family, ...rest] = name.split(':');
  const of = rest.join(':');
  // A webhook's changes are posted by a consumer of their own.
  if (family === 'changes' && of) return language.t('consumers.webhook', { id: of });
  if (family === 'policy' && of) return capitalised(language.t(`actor.policy_${of}`, { defaultValue: name }));
  if (isList(name)) return language.t(`consumers.lists.${name}`);
  return language.t(`consumers.names.${name.replace(':', '_')}`, { defaultValue: name });
}

/** As sentences call them in their midst, policies are written here at the beginning of one. */
const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Whether a follower is a read model, and not what acts on what it reads. */
export const isList = (name: string): boolean => language.exists(`consumers.lists.${name}`);

/** What a stream is about: `agreement-sn-migration` is the agreement `sn-migration`. */
export function subjectOf(stream: string): { kind: string; id: string; label: string } {
  const at = stream.indexOf('-');
  const [kind, id] = at < 0 ? ['', stream] : [stream.slice(0, at), stream.slice(at + 1)];
  const label = language.t(`consumers.subjects.${kind}`, { id, defaultValue: stream });
  return { kind, id, label };
}

/** The name under which the sentences have an event: `AgreementSigned` of that or of `agreement.agreement-signed.v1`. */
export const typeOf = (stored: string): string =>
  /^[\w-]+\.[\w-]+\.v\d+$/.test(stored)
    ? stored.split('.')[1]!.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : stored;
