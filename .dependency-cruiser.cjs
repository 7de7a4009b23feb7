/** The walls of the house: who may use whom. */
const CAPABILITIES =
  'agreements|definitions|documents|holidays|projects|programmes|organisations|people|meetings|statements|access|audit|personal-data|reminders|portfolio|sheets|webhooks|change-feed|iati|process-mining|archive|web-api';
/** Rooms know each other by `#name`, which package.json leads to what was built of their faces. */
const BUILT = '^(dist/)?';
const FACE = `${BUILT}libs/[^/]+/index\\.(ts|js)$`;
const INNER =
  'roles|transparency|operations|values|event-sourcing|embedded-eventstore|lifecycle|calendar|read-store|yaml|workers';

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-reaching-behind-a-face',
      comment: 'Of another room only what its index.ts shows may be used.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: `${BUILT}libs/[^/]+/`, pathNot: ['^libs/$1/', FACE] },
    },
    {
      name: 'apps-use-faces',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: `${BUILT}libs/`, pathNot: FACE },
    },
    {
      name: 'never-upward',
      comment: 'What lies below does not know what stands upon it.',
      severity: 'error',
      from: { path: `^libs/(${INNER})/` },
      to: { path: `${BUILT}(apps|libs/(${CAPABILITIES}))/` },
    },
    { name: 'libs-do-not-use-apps', severity: 'error', from: { path: '^libs/' }, to: { path: `${BUILT}apps/` } },
    {
      name: 'event-store-stands-alone',
      comment: 'It could be a package of its own.',
      severity: 'error',
      from: { path: '^libs/embedded-eventstore/', pathNot: '\\.spec\\.ts$' },
      to: { path: `${BUILT}libs/`, pathNot: `${BUILT}libs/embedded-eventstore/` },
    },
    {
      name: 'client-stands-alone',
      comment: 'It is published as a package without dependencies.',
      severity: 'error',
      from: { path: '^libs/client/' },
      to: { pathNot: '^libs/client/' },
    },
    {
      name: 'pure-rooms',
      comment: 'Values, lifecycle and calendar: no I/O, no framework, no store.',
      severity: 'error',
      from: { path: '^libs/(values|lifecycle|calendar)/', pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: [
          `${BUILT}libs/(values|lifecycle|calendar)/`,
          'node_modules/(zod|@marcbachmann/cel-js|fastest-levenshtein|date-holidays)/',
        ],
      },
    },
    {
      name: 'pure-rules',
      comment: 'Deciders and policies: no framework, no database.',
      severity: 'error',
      from: {
        path: '^libs/[^/]+/(agreement|project|programme|organisation|person|meeting|statement|user|login|credential|reminder|message)\\.ts$|\\.(policy|projection|events)\\.ts$',
      },
      to: { path: 'node_modules/(@nestjs|kysely|pg|bullmq|fastify|@eventstore)/' },
    },
    {
      name: 'one-way-to-the-log',
      comment:
        'Only the event-sourcing core talks to the event store, and only through the official client. The look at a start wants its words as they are.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['^libs/event-sourcing/', '^libs/embedded-eventstore/', '^apps/server/store-probes', '\\.spec\\.ts$'],
      },
      to: { path: 'node_modules/@eventstore/' },
    },
    {
      name: 'no-unlisted-packages',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/(web|client)/|^apps/web/|^libs/client/(examples|package)/)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      mainFields: ['module', 'main'],
    },
  },
};
