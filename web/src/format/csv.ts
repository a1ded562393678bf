/**
 * A table as RFC 4180 CSV. It begins with a byte order mark, so that spreadsheets read UTF-8; a cell that a spreadsheet would
 * take for a formula is quoted with an apostrophe, a plain negative number is not.
 */
export function csv(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return `\ufeff${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
