/** Reads comma-separated values as RFC 4180 has them, for items that were written in a spreadsheet. */

export interface CsvRow {
  /** The line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Rows with their cells; a quoted cell may hold commas, line ends and doubled quotes. Empty lines are left out. */
export function readCsv(text: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let began = 1;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') rows.push({ line: began, cells });
    cells = [];
    cell = '';
    began = line;
  };
  // A byte order mark is what spreadsheets put first.
  for (let place = text.startsWith('\uFEFF') ? 1 : 0; place < text.length; place++) {
    const character = text[place] ?? '';
    if (character === '\n') line++;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[place + 1] === '"') {
        cell += '"';
        place++;
      } else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === ',') {
      cells.push(cell);
      cell = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  endRow();
  return rows;
}
