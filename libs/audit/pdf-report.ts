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
  /** Says which page of how many it is. */
  pageOf(page: number, pages: number): string;
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
    font: join(fonts, 'DejaVuSans.ttf'),
  } as PDFKit.PDFDocumentOptions);
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<Buffer>((resolve, reject) => {
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  document.registerFont('plain', join(fonts, 'DejaVuSans.ttf'));
  document.registerFont('bold', join(fonts, 'DejaVuSans-Bold.ttf'));
  new Setter(document, report).set();
  document.end();
  return ended;
}

class Setter {
  private y = MARGIN;

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

  private paragraph(text: string, style: { font: string; size: number; colour: string }): void {
    this.document.font(style.font).fontSize(style.size);
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

  private *wrapped(text: string): Generator<string> {
    let line = '';
    for (const word of text.split(/\s+/).flatMap((one) => this.fitting(one))) {
      const longer = line ? `${line} ${word}` : word;
      if (line && this.document.widthOfString(longer) > this.width) {
        yield line;
        line = word;
      } else line = longer;
    }
    yield line;
  }

  /** A word that is wider than the page, in parts. */
  private fitting(word: string): string[] {
    if (this.document.widthOfString(word) <= this.width) return [word];
    const half = Math.ceil(word.length / 2);
    return [...this.fitting(word.slice(0, half)), ...this.fitting(word.slice(half))];
  }

  private line(text: string, y: number): void {
    const isRtl = this.report.language === 'ar';
    const space = this.document.widthOfString(' ');
    const words = inVisualOrder(text, isRtl ? 'rtl' : 'ltr');
    const widths = words.map((word) => this.document.widthOfString(word));
    const whole = widths.reduce((sum, width) => sum + width + space, -space);
    let x = isRtl ? MARGIN + this.width - whole : MARGIN;
    for (const [index, word] of words.entries()) {
      if (word) this.document.text(word, x, y, { lineBreak: false });
      x += widths[index]! + space;
    }
  }

  private feet(): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.document.switchToPage(start + page);
      this.document.font('plain').fontSize(SIZE.foot).fillColor(PALE);
      const y = this.document.page.height - MARGIN - SIZE.foot;
      this.line(`${this.report.foot} · ${this.report.pageOf(page + 1, count)}`, y);
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
