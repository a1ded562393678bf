import type { Schemas } from '../api/client';
import { csv } from '../format/csv';

type Line = Schemas['BillLine'];

export interface BillRow extends Line {
  id: string;
  /** The queue's name, or undefined when it is none of the queues that exist now. */
  queueName: string | undefined;
}

/** The lines with the names of their queues. */
export function billRows(lines: readonly Line[], names: ReadonlyMap<string, string>): BillRow[] {
  return lines.map((line, i) => ({ ...line, id: String(i), queueName: names.get(line.queue_id) }));
}

/** Does any line wait for its hour to close? */
export function isRunning(lines: readonly Line[]): boolean {
  return lines.some((line) => !line.closed);
}

const columns = ['month', 'meter', 'queue_id', 'queue_name', 'project_id', 'user_id', 'quantity', 'unit', 'unit_price', 'amount', 'currency', 'closed'] as const;

/** The bill as a table for spreadsheets: the lines, the rounding and the total, so that its sum can be checked. */
export function billCsv(bill: Schemas['Bill'], names: ReadonlyMap<string, string>): string {
  const rest = (meter: string, amount: string) => [bill.month, meter, '', '', '', '', '', '', '', amount, bill.currency, ''];
  return csv(columns, [
    ...billRows(bill.lines, names).map((row) => [
      bill.month,
      row.meter,
      row.queue_id,
      row.queueName ?? '',
      row.project_id,
      row.user_id,
      row.quantity,
      row.unit,
      row.unit_price,
      row.amount,
      bill.currency,
      String(row.closed),
    ]),
    rest('rounding', bill.rounding),
    rest('total', bill.total),
  ]);
}
