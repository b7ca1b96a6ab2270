//! The C interface between the daemon and a plugin.
