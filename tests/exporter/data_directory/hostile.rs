//! Directories in which applications of other people, or a crash, left what no client writes.
