//go:build unix && !linux

package process

import "syscall"

// Only Linux has a parent-death signal; elsewhere a parent that is itself killed with SIGKILL leaves its child.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
