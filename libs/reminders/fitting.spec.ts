import { fitting } from './fitting.js';

const matter = (length: number) => {
  const words = 'ي'.repeat(length);
  return { what: null, labels: { ar: words, fr: words, en: words }, waiting_for: ['ma'] };
};

it('a message holds what an event store takes at once, and what was claimed for it in any case', () => {
  const due = Array.from({ length: 500 }, () => matter(300));
  const rows = fitting([], due);
  expect(rows.length).toBeGreaterThan(100);
  expect(Buffer.byteLength(JSON.stringify(rows))).toBeLessThan(900_000);
  expect(fitting(due, due)).toEqual(due);
});

it('a message holds all that is due where that is little, and one matter however large it is', () => {
  const due = Array.from({ length: 500 }, () => matter(20));
  expect(fitting([], due)).toHaveLength(500);
  expect(fitting([], [matter(200_000), matter(1)])).toHaveLength(1);
});
