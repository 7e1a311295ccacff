//! What the system is asked about memory. A page that is touched for the first time costs about a microsecond, and of small pages
//! a pass over tens of megabytes meets more than a core keeps the addresses of.

/// Asks for large pages in the room that a vector has, where it is as large as one.
pub(super) fn ask_for_large_pages<T>(room: &Vec<T>) {
    #[cfg(target_os = "linux")]
    {
        const LARGE_PAGE: usize = 1 << 21;
        let (start, len) = (room.as_ptr(), room.capacity() * size_of::<T>());
        let skipped = start.addr().next_multiple_of(LARGE_PAGE) - start.addr();
        let whole = len.saturating_sub(skipped) / LARGE_PAGE * LARGE_PAGE;
        if whole > 0 {
            // SAFETY: whole pages within this memory, whose contents the advice does not change. Where it isn't taken, small
            // pages do as well.
            unsafe { libc::madvise(start.byte_add(skipped).cast_mut().cast(), whole, libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = room;
}

/// Has the C library keep what is freed, up to a quarter of a gigabyte: a step frees some megabytes that the next one takes again.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        // SAFETY: numbers for the allocator, which may be set at any time. The second is the largest that it takes.
        ONCE.call_once(|| unsafe {
            libc::mallopt(libc::M_TRIM_THRESHOLD, 1 << 28);
            libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 25);
        });
    }
}
