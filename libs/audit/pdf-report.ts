import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import bidiFactory, { type Bidi } from 'bidi-js';
import PDFDocument from 'pdfkit';
import type { Language } from '#calendar';

/** A report as it is to be printed: words only, made elsewhere. */
export interface Report {
  language: Language;
  title: string;
  /** What was asked for, by whom, of which state of the log. */
  preamble: string[];
  entries: ReportEntry[];
  /** Stands at the foot of every page, before its number. */
  foot: string;
  /** Says which page of how many it is, with `{page}` and `{pages}` for them. */
  pageOf: string;
}

export interface ReportEntry {
  title: string;
  lines: string[];
  /** Where it is shown, for those who read the report on a screen. */
  link?: string;
}

const MARGIN = 56;
const FOOT_HEIGHT = 28;
const SIZE = { title: 17, entry: 10, line: 8.5, foot: 7 };
const LEADING = 1.42;
const INK = '#1c2430';
const PALE = '#5b6675';
// Its types describe a module that Node hands out as the function itself.
const bidi = (bidiFactory as unknown as () => Bidi)();
const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
/** By their files: under a name of its own, pdfkit reads a font anew each time where it knows the same one by another name. */
const FONT = { plain: join(fonts, 'DejaVuSans.ttf'), bold: join(fonts, 'DejaVuSans-Bold.ttf') };

/**
 * The report as a PDF fit to be filed: PDF/A-2b (ISO 19005-2), fonts within, every page numbered. Arabic is set from right to left by
 * the Unicode bidirectional algorithm (UAX #9).
 */
export function pdfReport(report: Report): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN },
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    lang: report.language,
    info: { Title: report.title, Producer: 'Paraphe', Creator: 'Paraphe' },
    font: FONT.plain,
  } as PDFKit.PDFDocumentOptions);
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<Buffer>((resolve, reject) => {
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  new Setter(document, report).set();
  document.end();
  return ended;
}

class Setter {
  private y = MARGIN;
  /** The widths of words, by font and size. */
  private readonly measured = new Map<string, Map<string, number>>();
  private widths = new Map<string, number>();

  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly report: Report,
  ) {}

  set(): void {
    const { title, preamble, entries } = this.report;
    this.paragraph(title, { font: 'bold', size: SIZE.title, colour: INK });
    for (const line of preamble) this.paragraph(line, { font: 'plain', size: SIZE.line, colour: PALE });
    this.y += 14;
    for (const entry of entries) this.entry(entry);
    this.feet();
  }

  private entry({ title, lines, link }: ReportEntry): void {
    this.y += 6;
    this.room((1 + Math.min(lines.length, 3)) * SIZE.entry * LEADING);
    const top = this.y;
    this.paragraph(title, { font: 'bold', size: SIZE.entry, colour: INK });
    if (link && this.y > top) this.document.link(MARGIN, top, this.width, this.y - top, link);
    for (const line of lines) this.paragraph(line, { font: 'plain', size: SIZE.line, colour: PALE });
  }

  private paragraph(text: string, style: { font: keyof typeof FONT; size: number; colour: string }): void {
    this.turnTo(style.font, style.size);
    for (const line of this.wrapped(text)) {
      this.room(style.size * LEADING);
      // A new page begins without a colour.
      this.document.fillColor(style.colour);
      this.line(line, this.y);
      this.y += style.size * LEADING;
    }
  }

  /** Begins a new page unless there is so much room left on this one. */
  private room(height: number): void {
    if (this.y + height <= this.document.page.height - MARGIN - FOOT_HEIGHT) return;
    this.document.addPage();
    this.y = MARGIN;
  }

  private get width(): number {
    return this.document.page.width - 2 * MARGIN;
  }

  /** How wide a word is in the present font. The same words come again and again, and each is measured once. */
  private widthOf(word: string): number {
    const known = this.widths.get(word);
    if (known !== undefined) return known;
    const width = this.document.widthOfString(word);
    this.widths.set(word, width);
    return width;
  }

  /** Turns to a font. */
  private turnTo(font: keyof typeof FONT, size: number): void {
    this.document.font(FONT[font]).fontSize(size);
    const key = `${font} ${size}`;
    this.widths = this.measured.get(key) ?? new Map();
    this.measured.set(key, this.widths);
  }

  private *wrapped(text: string): Generator<string> {
    const space = this.widthOf(' ');
    let line: string[] = [];
    let width = 0;
    for (const word of text.split(/\s+/).flatMap((one) => this.fitting(one))) {
      const wider = width + (line.length > 0 ? space : 0) + this.widthOf(word);
      if (line.length > 0 && wider > this.width) {
        yield line.join(' ');
        [line, width] = [[word], this.widthOf(word)];
      } else {
        line.push(word);
        width = wider;
      }
    }
    yield line.join(' ');
  }

  /** A word that is wider than the page, in parts. */
  private fitting(word: string): string[] {
    if (this.widthOf(word) <= this.width) return [word];
    const half = Math.ceil(word.length / 2);
    return [...this.fitting(word.slice(0, half)), ...this.fitting(word.slice(half))];
  }

  private line(text: string, y: number): void {
    const isRtl = this.report.language === 'ar';
    const space = this.widthOf(' ');
    const words = inVisualOrder(text, isRtl ? 'rtl' : 'ltr');
    const widths = words.map((word) => this.widthOf(word));
    const whole = widths.reduce((sum, width) => sum + width + space, -space);
    let x = isRtl ? MARGIN + this.width - whole : MARGIN;
    for (const [index, word] of words.entries()) {
      if (word) this.document.text(word, x, y, { lineBreak: false });
      x += widths[index]! + space;
    }
  }

  private feet(): void {
    const { pageOf } = this.report;
    const { start, count } = this.document.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.document.switchToPage(start + page);
      this.turnTo('plain', SIZE.foot);
      this.document.fillColor(PALE);
      const y = this.document.page.height - MARGIN - SIZE.foot;
      this.line(
        `${this.report.foot} · ${pageOf.replace('{page}', String(page + 1)).replace('{pages}', String(count))}`,
        y,
      );
    }
  }
}

/** The words of a line from left to right. Within a word, the font's own shaping sets the direction. */
function inVisualOrder(text: string, direction: 'ltr' | 'rtl'): string[] {
  const { levels } = bidi.getEmbeddingLevels(text, direction);
  const mirrored = bidi.getMirroredCharactersMap(text, levels);
  let at = 0;
  const words = text.split(' ').map((word) => {
    const from = at;
    at += word.length + 1;
    const shown = [...word].map((character, index) => mirrored.get(from + index) ?? character).join('');
    return { word: shown, level: levels[from] ?? (direction === 'rtl' ? 1 : 0) };
  });
  const highest = Math.max(...words.map(({ level }) => level));
  const lowestOdd = Math.min(...words.map(({ level }) => level).filter((level) => level % 2 === 1), 99);
  // UAX #9, rule L2: from the highest level down to the lowest odd one, every run at or above it is turned round.
  for (let level = highest; level >= lowestOdd; level--) {
    for (let start = 0; start < words.length; start++) {
      if (words[start]!.level < level) continue;
      let end = start;
      while (end < words.length && words[end]!.level >= level) end++;
      words.splice(start, end - start, ...words.slice(start, end).reverse());
      start = end;
    }
  }
  return words.map(({ word }) => word);
}
