import { shownAddress, storeProblem } from './store-problems.js';

const failure = (fields: object, message = '') => Object.assign(new Error(message), fields);

describe('a store that cannot be used is told of in a sentence', () => {
  it.each([
    ['nothing listens there', failure({ code: 'ECONNREFUSED' }), false],
    ['nothing listens there', new AggregateError([failure({ code: 'ECONNREFUSED' })]), false],
    ['nothing listens there', new Error('14 UNAVAILABLE: Last error: connect ECONNREFUSED 127.0.0.1:1'), false],
    ['it does not answer', new Error('timeout expired'), false],
    ['it does not answer', failure({ code: 'ETIMEDOUT' }), false],
    ['no such host is known', failure({ code: 'ENOTFOUND' }), false],
    ['it is still starting', failure({ code: '57P03' }), false],
    ['it is still starting', new Error('LOADING Redis is loading the dataset in memory'), false],
    ['it refuses the user name or the password', failure({ code: '28P01' }), true],
    ['it refuses the user name or the password', new Error('NOAUTH Authentication required.'), true],
    ['it refuses the user name or the password', failure({ code: 'EAUTH' }, 'Invalid login: 535'), true],
    [
      'its certificate was not issued by an authority that is known here',
      failure({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      true,
    ],
    ['its certificate is for another name', failure({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), true],
    [
      'the file /no/ca.crt, which the address names, does not exist',
      failure({ code: 'ENOENT', path: '/no/ca.crt', syscall: 'open' }),
      true,
    ],
    [
      'there is no socket /run/.s.PGSQL.5432',
      failure({ code: 'ENOENT', path: '/run/.s.PGSQL.5432', syscall: 'connect' }),
      false,
    ],
  ])('%s', (sentence, error, isLasting) => {
    for (const setting of ['EVENTSTORE_URL', 'DATABASE_URL', 'REDIS_URL', 'SMTP_URL'] as const) {
      const problem = storeProblem(setting, 'x://me:secret@host:1/', error);
      expect(problem.message).toContain(`${setting} (x://host:1/): ${sentence}`);
      expect(problem.isLasting).toBe(isLasting);
    }
  });

  it('an unknown error by its own first line, and it is waited for', () => {
    const problem = storeProblem('DATABASE_URL', 'postgres://h/d', new Error('odd\nmore'));
    expect(problem.message).toBe('DATABASE_URL (postgres://h/d): the PostgreSQL cannot be used: odd');
    expect(problem.isLasting).toBe(false);
  });
});

it.each([
  ['esdb://admin:changeit@a:1,b:2?tls=true', 'esdb://a:1,b:2?tls=true'],
  ['redis://host?password=secret&db=1', 'redis://host?password=…&db=1'],
])('an address is shown without its password: %s', (address, shown) => {
  expect(shownAddress(address)).not.toMatch(/changeit|secret/);
  expect(shownAddress(address)).toBe(shown);
});
