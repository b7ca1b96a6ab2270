//! orderd.
