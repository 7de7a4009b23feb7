import { type Order, order, type Policy } from '#event-sourcing';
import type { projectCommands } from '#projects';
import type { AgreementEvent } from './agreement.events.js';

interface State {
  links: { project: string; trigger: string }[];
  /** When what a link may wait for happened, as EDTF. */
  happened: { signature?: string; 'entry-into-force'?: string };
}

/**
 * Starts the projects that an agreement says it starts, on the day on which it was signed or entered into force. A
 * project linked after that day starts at once, with the day's date; a corrected day of signature corrects their start.
 */
export const startProjects: Policy<AgreementEvent, State> = {
  name: 'start_projects',
  watches: 'agreement',
  answers: ['ProjectLinked', 'AgreementSigned', 'AgreementEnteredIntoForce', 'SignatureCorrected'],
  initial: { links: [], happened: {} },
  react(event, { links, happened }) {
    if (event.type === 'ProjectLinked') {
      const date = happened[event.data.trigger as keyof State['happened']];
      return date === undefined ? [] : [start(event.data.project, date)];
    }
    if (event.type === 'SignatureCorrected') {
      const { agreementSignedOn: on, reason } = event.data;
      const started = on === undefined ? [] : links.filter((link) => link.trigger === 'signature');
      return started.map(({ project }) =>
        order<typeof projectCommands>('project', project, { type: 'CorrectStart', startedOn: on!, reason }),
      );
    }
    const trigger = triggerOf(event);
    if (!trigger || happened[trigger] !== undefined) return [];
    return links.filter((link) => link.trigger === trigger).map(({ project }) => start(project, event.effectiveOn));
  },
  evolve(state, event) {
    if (event.type === 'ProjectLinked') {
      return { ...state, links: [...state.links, { project: event.data.project, trigger: event.data.trigger }] };
    }
    if (event.type === 'SignatureCorrected' && event.data.agreementSignedOn) {
      return { ...state, happened: { ...state.happened, signature: event.data.agreementSignedOn } };
    }
    const trigger = triggerOf(event);
    return trigger ? { ...state, happened: { [trigger]: event.effectiveOn, ...state.happened } } : state;
  },
};

function triggerOf(event: AgreementEvent): 'signature' | 'entry-into-force' | undefined {
  if (event.type === 'AgreementSigned') return 'signature';
  return event.type === 'AgreementEnteredIntoForce' ? 'entry-into-force' : undefined;
}

function start(project: string, startedOn: string): Order {
  return order<typeof projectCommands>('project', project, { type: 'StartProject', startedOn });
}
