// Package controlplane says which queues and consumer groups exist, in which regions, within which quotas, and for whom the service is
// activated.
//
// Owns: the rules of names, modes, redrive, retention and tags; the queues, consumer groups, tags, quotas, regions and activations
// in the database; the lifecycle log that queue-hours are computed from; the hub that serves the directory to nodes; the counts of
// its own billable calls until they are delivered.
//
// Does not own: who exists and who may do what (iam), what is in the queues (dataplane), what it costs (billing).
//
// Invariants: every change is one transaction that holds the rows, the lifecycle event, the counted call, the audit record and the directory
// entries, or none of them; a changing call returns when every connected node knows the change, or after 500 ms; nothing is found without naming the
// account and the project it belongs to, so another tenant's thing is as good as none.
//
// Order of locks in a transaction: project, queue, usage head, ends of audit trails by account id, directory head. The
// usage head and the directory head order all writers, so they are taken late.
package controlplane
