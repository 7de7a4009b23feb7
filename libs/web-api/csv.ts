/** A row of a CSV file (RFC 4180), with its line's end. What a spreadsheet would run as a formula is read as a text. */
export const csvRow = (cells: (string | number)[]): string =>
  `${cells.map((cell) => `"${withoutFormula(String(cell)).replaceAll('"', '""')}"`).join(',')}\r\n`;

/** What a CSV file begins with so that spreadsheets read it as UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

const withoutFormula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
