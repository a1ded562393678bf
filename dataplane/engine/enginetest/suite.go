// Package enginetest proves the guarantees of package engine for any implementation.
package enginetest

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"dms/dataplane/engine"
	"dms/internal/clock"
)

// Features says which guarantees an implementation claims.
type Features struct {
	// Durable: what was answered survives a crash, and the engine recovers from failed writes.
	Durable bool
}

// Setup is what an engine under test is made of.
type Setup struct {
	FS    vfs.FS
	Dir   string
	Clock clock.Clock
	// Parked must be called each time a poll starts to wait.
	Parked func()
	// StateChanged must be called when the engine stops taking writes, with the cause, and when it takes them again, with nil.
	StateChanged func(error)
	// MinFreeBytes is the reserve of disk space below which sends are refused.
	MinFreeBytes uint64
}

// Factory opens an engine on what is stored under the setup's directory.
type Factory func(s Setup) (engine.Engine, error)

// Run runs the suite.
func Run(t *testing.T, f Features, open Factory) {
	groups := map[string]func(*testing.T, Factory){
		"Send":        testSend,
		"Receive":     testReceive,
		"Settle":      testSettle,
		"Handler":     testHandler,
		"Redelivery":  testRedelivery,
		"FIFO":        testFIFO,
		"OrderingKey": testOrderingKey,
		"Once":        testDeduplication,
		"Prepared":    testPrepared,
		"Extend":      testExtend,
		"Postponed":   testPostponed,
		"Seek":        testSeek,
		"Browse":      testBrowse,
		"Purge":       testPurge,
		"Redrive":     testRedrive,
		"AddGroup":    testAddGroup,
		"Delay":       testDelay,
		"Retention":   testRetention,
		"DeadLetters": testDeadLetters,
		"Labels":      testLabels,
		"LongPoll":    testLongPoll,
		"Release":     testRelease,
		"Stats":       testStats,
		"Usage":       testUsage,
		"Drop":        testDrop,
		"Isolation":   testIsolation,
		"Kafka":       testKafka,
		"Concurrency": testConcurrency,
		"Lifecycle":   testLifecycle,
	}
	if f.Durable {
		groups["Reopen"] = testReopen
		groups["Crash"] = testCrash
		groups["Fault"] = testFault
		groups["DurableOnce"] = testDurableDeduplication
		groups["DiskFull"] = testDiskFull
	}
	for name, test := range groups {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}
