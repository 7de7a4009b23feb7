import { readFileSync } from 'node:fs';
import { NAMES_OF_PAGES } from '#event-sourcing';

it('nothing can be called as a page that stands beside it is', () => {
  const { paths } = JSON.parse(readFileSync('dist/openapi.json', 'utf8')) as { paths: Record<string, unknown> };
  const all = Object.keys(paths).map((path) => path.split('/'));
  const beside = all.flatMap((path) => {
    const at = path.findIndex((part) => part.startsWith('{'));
    const siblings = all.filter((one) => at > 0 && one.slice(0, at).join('/') === path.slice(0, at).join('/'));
    return siblings.flatMap((one) => (one[at] === undefined || one[at].startsWith('{') ? [] : [one[at]]));
  });
  expect(beside).toContain('board');
  expect([...new Set(beside)].filter((name) => !NAMES_OF_PAGES.has(name))).toEqual([]);
});
