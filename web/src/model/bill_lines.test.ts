import { expect, test } from 'vitest';
import type { Schemas } from '../api/client';
import { billCsv, billRows, isRunning } from './bill_lines';

const line = (part: Partial<Schemas['BillLine']>): Schemas['BillLine'] => ({
  meter: 'queue_hours',
  project_id: 'p',
  user_id: 'u',
  queue_id: 'q1',
  quantity: '720',
  unit: 'hour',
  unit_price: '0.06',
  amount: '43.2',
  closed: true,
  ...part,
});

const bill: Schemas['Bill'] = {
  account_id: 'a',
  account_name: 'acme',
  month: '2026-11',
  currency: 'CNY',
  status: 'open',
  queue_hours: '720',
  api_calls: '3',
  free_api_calls: '3',
  lines: [line({}), line({ meter: 'api_calls', queue_id: '', quantity: '3', unit: 'call', unit_price: '0', amount: '0', closed: false })],
  rounding: '0',
  total: '43.2',
};

test('queues have their names as long as they exist', () => {
  const rows = billRows(bill.lines, new Map([['q1', 'orders']]));
  expect(rows.map((r) => r.queueName)).toEqual(['orders', undefined]);
});
test('a line whose hour is not closed makes the bill a running one', () => {
  expect(isRunning(bill.lines)).toBe(true);
  expect(isRunning([line({})])).toBe(false);
});
test('the file holds every digit, and what the lines add up to', () => {
  expect(billCsv(bill, new Map([['q1', '=orders']])).split('\r\n')).toEqual([
    '\ufeffmonth,meter,queue_id,queue_name,project_id,user_id,quantity,unit,unit_price,amount,currency,closed',
    "2026-11,queue_hours,q1,'=orders,p,u,720,hour,0.06,43.2,CNY,true",
    '2026-11,api_calls,,,p,u,3,call,0,0,CNY,false',
    '2026-11,rounding,,,,,,,,0,CNY,',
    '2026-11,total,,,,,,,,43.2,CNY,',
    '',
  ]);
});
