package host

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// cpuTime returns the processor time, user and system, of all threads that a process has or had. The clock of another
// process counts nanoseconds, where /proc/PID/stat counts hundredths of a second.
func cpuTime(pid int) (time.Duration, error) {
	// clock_getcpuclockid(3) computes the clock's id: the complement of the process's, and 2 for what the scheduler counted.
	clock := ^uintptr(pid)<<3 | 2
	var used syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&used)), 0); errno != 0 {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, errno)
	}
	return time.Duration(used.Nano()), nil
}
