import { xmlText } from '#web-api';
import { EVENT_ATTRIBUTES, type MinedEvent, type MinedLog, type MiningClock } from './event-log.js';

const EXTENSIONS = ['Concept concept', 'Time time', 'Organizational org', 'Lifecycle lifecycle'].map((line) =>
  line.split(' '),
);

const string = (key: string, value: string) => `<string key="${key}" value="${xmlText(value)}"/>`;

/** One kind of case in XES (IEEE 1849-2016), written while it is read: a trace for each subject. */
export async function* xes(
  log: MinedLog,
  type: 'agreement' | 'project' | 'meeting',
  clock: MiningClock,
): AsyncGenerator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n';
  for (const [name, prefix] of EXTENSIONS)
    yield `  <extension name="${name}" prefix="${prefix}" uri="http://www.xes-standard.org/${prefix}.xesext"/>\n`;
  yield `  <global scope="trace">${string('concept:name', '')}</global>\n`;
  yield `  <global scope="event">${string('concept:name', '')}<date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/></global>\n`;
  yield '  <classifier name="Activity" keys="concept:name"/>\n';
  yield `  ${string('concept:name', type)}\n`;
  for await (const { id, events } of log.cases(type, clock)) {
    yield `  <trace>\n    ${string('concept:name', id)}\n${events.map(eventXml).join('')}  </trace>\n`;
  }
  yield '</log>\n';
}

function eventXml({ type, time, attributes, resource }: MinedEvent): string {
  const own = EVENT_ATTRIBUTES.flatMap((name) =>
    attributes[name] === undefined ? [] : string(name, attributes[name]!),
  );
  const parts = [
    string('concept:name', type),
    `<date key="time:timestamp" value="${new Date(time).toISOString()}"/>`,
    string('lifecycle:transition', 'complete'),
    ...(resource ? [string('org:resource', resource)] : []),
    ...own,
  ];
  return `    <event>${parts.join('')}</event>\n`;
}
