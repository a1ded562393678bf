// Package bench is a load generator for message queues: producers and consumers that drive a Target as fast as it answers, or at a given
// rate, and measure throughput, latency and errors. What is measured is behind the interface Target: the service over HTTP, the
// engine in process, and the bare log that is the ceiling for both are driven by the same loop, so that their figures compare.
//
// # What is counted
//
// A closed loop: each producer sends its next batch when the last is answered, each consumer receives, acknowledges, receives. With a rate,
// each producer has a timetable, and the time of a send runs from when it was due: a service that stalls is charged with all who
// waited behind the stall, not only with the one that met it.
//
// Each message carries, in its first 16 bytes, when its send began; so the time from end to end needs no table and no second clock.
package bench
