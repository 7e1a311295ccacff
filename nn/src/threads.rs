//! The threads of the current rayon pool at work on one step. A step on the CPU is some twenty short parallel parts with a little in
//! between that one thread does alone. A thread that goes to sleep there is woken late, by some fifty microseconds in a virtual
//! machine, so here threads stay awake during a step and are waited for without sleeping. Knows nothing of what they compute.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a thread stays awake with nothing to do.
const PATIENCE: Duration = Duration::from_millis(1);

/// Turns of waiting before others on this machine are let through.
const TURNS: u32 = 64;

/// Runs a step during which the pool's other threads stay awake.
pub(crate) fn awake<R>(step: impl FnOnce() -> R) -> R {
    let over = AtomicBool::new(false);
    rayon::in_place_scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| stay_awake(&over));
        }
        let result = step();
        over.store(true, Ordering::Relaxed);
        result
    })
}

/// Does what there is to do, until the step is over or there was nothing for long.
fn stay_awake(over: &AtomicBool) {
    let mut since = Instant::now();
    for turn in 0u32.. {
        if over.load(Ordering::Relaxed) || since.elapsed() > PATIENCE {
            return;
        }
        match rayon::yield_now() {
            Some(rayon::Yield::Executed) => since = Instant::now(),
            _ => wait_a_little(turn),
        }
    }
}

fn wait_a_little(turn: u32) {
    if turn % TURNS == TURNS - 1 { std::thread::yield_now() } else { std::hint::spin_loop() }
}

/// What `work` makes of each item, in the order of the items. Threads take one after another, so none waits long at the end.
pub(crate) fn map<I: Send, R: Send>(items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Vec<R> {
    let others = rayon::current_num_threads().min(items.len()).saturating_sub(1);
    if others == 0 {
        return items.into_iter().map(work).collect();
    }
    let (next, left) = (AtomicUsize::new(0), AtomicUsize::new(items.len()));
    let places: Vec<Mutex<Place<I, R>>> =
        items.into_iter().map(|item| Mutex::new(Place::Item(item))).collect();
    let take_items = || {
        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let _one_less = OneLess(&left);
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            if let Place::Item(item) = std::mem::replace(&mut *place, Place::Taken) {
                *place = Place::Result(work(item));
            }
        }
    };
    rayon::in_place_scope(|scope| {
        (0..others).for_each(|_| scope.spawn(|_| take_items()));
        take_items();
        (0u32..).take_while(|_| left.load(Ordering::Acquire) > 0).for_each(wait_a_little);
    });
    let results = places.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner));
    results.filter_map(|place| if let Place::Result(result) = place { Some(result) } else { None }).collect()
}

/// An item, or what became of it.
enum Place<I, R> {
    Item(I),
    Taken,
    Result(R),
}

/// Counts an item as done, also where it panics: then rayon passes the panic on.
struct OneLess<'a>(&'a AtomicUsize);

impl Drop for OneLess<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in 1..5 {
            for count in [0, 1, 2, 7, 100] {
                let squares = || map((0..count).collect(), |i| i * i);
                let expected: Vec<usize> = (0..count).map(|i| i * i).collect();
                assert_eq!(pool(threads).install(squares), expected);
                assert_eq!(pool(threads).install(|| awake(squares)), expected);
            }
        }
    }

    #[test]
    fn all_threads_of_a_step_take_part() {
        let met = std::sync::Barrier::new(3);
        pool(3).install(|| awake(|| map(vec![(); 3], |()| _ = met.wait())));
    }

    #[test]
    fn a_panic_is_passed_on_and_leaves_the_pool_usable() {
        let pool = pool(2);
        let panics = || pool.install(|| awake(|| map(vec![1, 2, 3, 4], |i| assert_ne!(i, 3))));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        let panics = || pool.install(|| awake(|| panic!("of the step itself")));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(pool.install(|| awake(|| map(vec![1, 2], |i| i + 1))), [2, 3]);
    }

    #[test]
    fn a_step_may_take_longer_than_the_threads_patience() {
        let slow = || {
            std::thread::sleep(5 * PATIENCE);
            map(vec![1, 2], |i| i + 1)
        };
        assert_eq!(pool(2).install(|| awake(slow)), [2, 3]);
    }
}
