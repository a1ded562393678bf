package app

import (
	"os"
	"runtime"
)

// roomForSyncs is how many more threads than processors run Go code.
const roomForSyncs = 2

// MakeRoomForSyncs lets more threads run Go code than there are processors, unless the environment sets GOMAXPROCS. A goroutine that comes
// back from a sync has to wait for such a thread, behind every request that can go on: with one more than there are processors, the operating system
// gives it its turn at once, and the next group of messages is on its way to the disk.
func MakeRoomForSyncs() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + roomForSyncs)
	}
}
