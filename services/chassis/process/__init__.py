"""The life of a process: signals, parents, scratch space, tasks beside the main one."""
