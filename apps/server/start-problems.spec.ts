import { RecordDamaged } from '#event-sourcing';
import { MEND_FIRST, startProblemOf } from './start-problems.js';

it('a damaged record in the way of a start is told in one line, with what helps, and not tried again', () => {
  const problem = startProblemOf(new RecordDamaged(new Error('checksum at 4711')))!;
  expect(problem.exitCode).toBe(MEND_FIRST);
  expect(problem.message).toMatch(
    /^A record of the log is damaged \(checksum at 4711\).*paraphe restore.*paraphe salvage --from .*$/,
  );
});
