/** Tables of text for a terminal: aligned columns, and numbers that can be compared at a glance. */

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Columns that are empty in every row are left out. Ends with a line end. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const used = columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ index }) => rows.some((row) => (row[index] ?? '') !== ''));
  const widths = used.map(({ title, index }) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, place) =>
        used[place]?.align === 'right' ? cell.padStart(widths[place] ?? 0) : cell.padEnd(widths[place] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const lines = [
    line(used.map(({ title }) => title)),
    ...rows.map((row) => line(used.map(({ index }) => row[index] ?? ''))),
  ];
  return `${lines.join('\n')}\n`;
}

/** 12,345 */
export function wholeNumberText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** 12.3 MB */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `low–high`, or nothing where both are the same. */
export function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? '' : `${wholeNumberText(low)}–${wholeNumberText(high)}`;
}

const fewestDecimals = 2;
const mostDecimals = 8;

/** Amounts of one column with the decimals that its smallest needs for two digits; a price that is not known is `?`. */
export function usdTexts(amounts: readonly (number | null)[]): string[] {
  const smallest = Math.min(...amounts.filter((usd): usd is number => usd !== null && usd > 0));
  const needed = Number.isFinite(smallest) ? 1 - Math.floor(Math.log10(smallest)) : fewestDecimals;
  const decimals = Math.min(mostDecimals, Math.max(fewestDecimals, needed));
  return amounts.map((usd) => {
    if (usd === null) return '?';
    if (usd === 0) return 'free';
    return usd.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  });
}

/** The end of a long name, which tells more than its beginning. */
export function shortened(name: string, most: number): string {
  return name.length <= most ? name : `…${name.slice(1 - most)}`;
}

/** A line of RFC 4180. */
export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells
    .map((cell) => {
      const text = cell === null || cell === undefined ? '' : String(cell);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',')}\n`;
}
