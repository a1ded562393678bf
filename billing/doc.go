// Package billing turns what tenants used into what they pay.
//
// It owns: the counted calls that nodes and the control plane deliver (UsageService), the meter that closes clock hours in a
// record chained by hashes (Meter), prices (PriceBook), rating (Rate), and the bill of an account and month (ReportService).
//
// It does not own: the lifecycle log of queues, which the control plane writes and this package only reads; names of accounts;
// who may see a bill. Invoices, payments and caps build on the closed hours and on Rate.
//
// Invariants:
//
//   - Queue-hours are a pure function of the lifecycle log, calls a pure function of the delivered batches. Nothing depends on
//     when the meter ran: an hour, a day or a month that was missed is filled in exactly.
//   - A closed hour never reopens. Usage that arrives for one is booked in the first open hour, so that it is neither lost nor
//     able to change what was closed.
//   - Hours are half-open, [h, h+1), in UTC. A month is a calendar month of the billing zone and holds whole hours.
//   - Money is decimal. Lines are exact: quantity x unit price == amount. Rounding happens once, at the total, and is shown.
//   - One lock orders everything that moves a boundary: the row of billing_meter. The meter and the usage service take it first
//     in each transaction, so neither can deadlock with the other, and no usage slips into an hour while it is being closed.
package billing
