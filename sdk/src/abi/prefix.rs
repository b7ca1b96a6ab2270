//! Reads a table that begins with its size, and is of another minor version.
#![expect(unsafe_code, reason = "a table is a raw pointer")]

use std::{mem::MaybeUninit, ptr};

/// Why a table cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is none.
    #[error("the table is a null pointer")]
    Null,
    /// Smaller than version 1.0 was.
    #[error("the table has {size} bytes, version 1.0 has {needed}")]
    TooSmall {
        /// What it says.
        size: usize,
        /// What it needs.
        needed: usize,
    },
}

/// # Safety
/// `table` is null or points to as many bytes as the `usize` at its start says, which are a `T`, or the begin of one.
/// All zeros are a value of `T`.
pub(super) unsafe fn copy_prefixed<T: Copy>(table: *const T, needed: usize) -> Result<T, TableError> {
    if table.is_null() {
        return Err(TableError::Null);
    }
    // SAFETY: not null, and it starts with its size.
    let size = unsafe { table.cast::<usize>().read() };
    if size < needed {
        return Err(TableError::TooSmall { size, needed });
    }
    // Half a pointer at its end is none.
    let whole = size - size % align_of::<T>();
    let mut copy = MaybeUninit::<T>::zeroed();
    // SAFETY: so many bytes are there, and fit; every bit pattern of the fields is a value (nullable functions,
    // integers, raw pointers), and zeros are one.
    Ok(unsafe {
        ptr::copy_nonoverlapping(table.cast::<u8>(), copy.as_mut_ptr().cast(), whole.min(size_of::<T>()));
        copy.assume_init()
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::table::{HostTable, Level, PluginTable},
        *,
    };
    use std::mem::offset_of;

    #[test]
    fn a_null_or_short_table_is_refused_before_its_fields_are_read() {
        // SAFETY: null is allowed.
        let null = unsafe { PluginTable::copy_from(ptr::null()) };
        assert_eq!(null.unwrap_err(), TableError::Null);

        let short = size_of::<usize>();
        // SAFETY: the table says truly that it ends after its size.
        let short = unsafe { HostTable::copy_from((&raw const short).cast()) };
        assert!(matches!(short, Err(TableError::TooSmall { size: 8, .. })));
    }

    /// A table as a later minor version may have it.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Later {
        table: HostTable,
        more: Option<extern "C" fn()>,
        number: u64,
    }

    extern "C" fn more() {}

    fn later(size: usize) -> Later {
        let table = HostTable {
            size,
            abi_minor: 9,
            log_level: Level::INFO,
            ctx: ptr::null_mut(),
            log: None,
            complete: None,
            request: None,
            extension: None,
        };
        Later { table, more: Some(more), number: 7 }
    }

    #[test]
    fn a_table_of_version_1_0_is_read_after_fields_were_appended() {
        let offset = |end: usize| end + size_of::<usize>();
        for (size, has_more, number) in [
            (HostTable::SIZE_1_0, false, 0),
            (HostTable::SIZE_1_0 + 3, false, 0),
            (offset(offset_of!(Later, more)), true, 0),
            (size_of::<Later>(), true, 7),
            (size_of::<Later>() + 800, true, 7),
        ] {
            let table = later(size);
            // SAFETY: no more bytes are read than a `Later` has.
            let read = unsafe { copy_prefixed(&raw const table, HostTable::SIZE_1_0) }.unwrap();
            assert_eq!((read.more.is_some(), read.number), (has_more, number), "{size} bytes");
            assert_eq!((read.table.size, read.table.abi_minor), (size, 9));
        }
        let short = later(HostTable::SIZE_1_0 - 1);
        // SAFETY: refused after its size.
        let short = unsafe { copy_prefixed(&raw const short, HostTable::SIZE_1_0) };
        assert!(matches!(short, Err(TableError::TooSmall { needed: HostTable::SIZE_1_0, .. })));
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_first_length_of_a_table_never_changes() {
        assert_eq!((PluginTable::SIZE_1_0, HostTable::SIZE_1_0), (80, 56));
    }
}
