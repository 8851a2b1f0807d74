package basefile_test

import (
	"fmt"
	"os/signal"
	"syscall"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

// replaceOnSmallDisk replaces files where none may have more than 4 KB.
func replaceOnSmallDisk(dir string) (status int) {
	signal.Ignore(syscall.SIGXFSZ) // so that the write fails, and not the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
		fmt.Println(err)
		return 3
	}
	if err := basefile.ReplaceAll(replacements(dir)); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}
