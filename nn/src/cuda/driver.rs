//! A card through NVIDIA's driver: the kernels come as PTX, which the driver compiles for its card. No toolkit is needed to build or to
//! run this; the driver's library is opened when it is first asked for.
#![allow(unsafe_code)] // memory of a card and its kernels are addresses

use super::{Address, Kernel, Launch, Player, THREADS};
use candle_core::{Error, Result};
use cudarc::driver::{CudaContext, CudaFunction, CudaStream, DriverError, result};
use cudarc::nvrtc::Ptx;
use std::collections::HashMap;
use std::ffi::c_void;
use std::path::Path;
use std::sync::Arc;

/// The kernels, for compute capability 8.0 and what came after it; `scripts/ptx` makes them.
const PTX: &str = include_str!("kernels.ptx");

/// The kernels are built for Ampere and what came after it.
const OLDEST: (i32, i32) = (8, 0);

/// One card, with a stream of its own.
pub struct Card {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    functions: HashMap<Kernel, CudaFunction>,
    /// What is given back when the card is dropped.
    allocated: Vec<Address>,
}

/// How many cards the driver counts; none where there is no driver.
pub fn count() -> std::result::Result<usize, String> {
    if !is_there() {
        // The system's own part of the driver: it has cards, and a container or an installation lacks their library.
        return match Path::new("/proc/driver/nvidia").exists() {
            true => Err("libcuda is missing beside the system's NVIDIA driver; a container needs the option that brings it".into()),
            false => Ok(0),
        };
    }
    match CudaContext::device_count() {
        Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
        Err(error) if format!("{error:?}").contains("NO_DEVICE") => Ok(0),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// Whether the driver's library can be opened.
#[cfg(not(feature = "cuda-composed"))]
fn is_there() -> bool {
    // SAFETY: opening NVIDIA's library runs its initialisers, which ask for nothing of this process.
    unsafe { cudarc::driver::sys::is_culib_present() }
}

/// A program that is linked with it would not have started without.
#[cfg(feature = "cuda-composed")]
fn is_there() -> bool {
    true
}

impl Card {
    /// The card with this number: all kernels are loaded, so that what a driver or a card is too old for shows here.
    pub fn open(number: usize) -> Result<Self> {
        let context = CudaContext::new(number).map_err(said)?;
        let (major, minor) = context.compute_capability().map_err(said)?;
        if (major, minor) < OLDEST {
            return Err(Error::msg(format!(
                "its compute capability is {major}.{minor}, and 8.0, that of Ampere, is the least that this program computes on"
            )));
        }
        let stream = context.new_stream().map_err(said)?;
        let module = context.load_module(Ptx::from_src(PTX)).map_err(said)?;
        let function = |&kernel: &Kernel| Ok((kernel, module.load_function(kernel.name()).map_err(said)?));
        let functions = Kernel::ALL.iter().map(function).collect::<Result<_>>()?;
        Ok(Card { context, stream, functions, allocated: Vec::new() })
    }

    /// What it is called.
    pub fn name(&self) -> Result<String> {
        self.context.name().map_err(said)
    }

    /// Makes this thread one that may ask the card: a card's runs are trained by whichever comes last.
    fn on_this_thread(&self) -> Result<()> {
        self.context.bind_to_thread().map_err(said)
    }
}

impl Player for Card {
    fn allocate(&mut self, bytes: usize) -> Result<Address> {
        self.on_this_thread()?;
        let stream = self.stream.cu_stream();
        // SAFETY: the memory is filled before anything reads it, in the same stream.
        let address = unsafe { result::malloc_sync(bytes) }.map_err(said)?;
        self.allocated.push(Address(address));
        // SAFETY: so many bytes were allocated there just now.
        unsafe { result::memset_d8_async(address, 0, bytes, stream) }.map_err(said)?;
        Ok(Address(address))
    }

    fn free(&mut self, memory: Address) -> Result<()> {
        self.on_this_thread()?;
        let Some(place) = self.allocated.iter().position(|&one| one == memory) else {
            return Err(Error::msg("memory is given back that was not taken"));
        };
        self.stream.synchronize().map_err(said)?;
        self.allocated.swap_remove(place);
        // SAFETY: it was allocated by `allocate`, is freed once, and nothing that was launched still uses it.
        unsafe { result::free_sync(memory.0) }.map_err(said)
    }

    fn upload(&mut self, to: Address, bytes: &[u8]) -> Result<()> {
        self.on_this_thread()?;
        // SAFETY: `memory.rs` says where and how much; the bytes live until the stream has copied them, which is waited for.
        unsafe { result::memcpy_htod_async(to.0, bytes, self.stream.cu_stream()) }.map_err(said)?;
        self.stream.synchronize().map_err(said)
    }

    fn download(&mut self, from: Address, bytes: usize) -> Result<Vec<u8>> {
        self.on_this_thread()?;
        let mut copied = vec![0u8; bytes];
        // SAFETY: `memory.rs` says where and how much; the copy is waited for before the bytes are looked at.
        unsafe { result::memcpy_dtoh_async(&mut copied, from.0, self.stream.cu_stream()) }.map_err(said)?;
        self.stream.synchronize().map_err(said)?;
        Ok(copied)
    }

    fn launch(&mut self, launch: &Launch) -> Result<()> {
        self.on_this_thread()?;
        let Some(function) = self.functions.get(&launch.kernel) else {
            return Err(Error::msg(format!("the kernel {} is not loaded", launch.kernel.name())));
        };
        let mut arguments: Vec<*mut c_void> =
            launch.arguments.iter().map(|argument| argument.as_ptr().cast_mut().cast()).collect();
        let [x, y, z] = launch.grid;
        // SAFETY: the arguments are laid out as the kernel's parameters are (`arguments.rs`, and the emulation compares their sizes);
        // the driver copies them before it returns. Their addresses are of buffers that `memory.rs` made large enough for the grid.
        unsafe {
            result::launch_kernel(
                function.cu_function(),
                (x, y, z),
                (THREADS, 1, 1),
                0,
                self.stream.cu_stream(),
                &mut arguments,
            )
        }
        .map_err(said)
    }

    fn free_bytes(&mut self) -> Result<Option<u64>> {
        self.on_this_thread()?;
        let (free, _) = self.context.mem_get_info().map_err(said)?;
        Ok(Some(free as u64))
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        // A context that failed gives nothing back; the process that ends does.
        for memory in std::mem::take(&mut self.allocated) {
            self.allocated.push(memory);
            let _ = self.free(memory);
        }
    }
}

/// A driver's error by its name, which `device::Fault` knows.
fn said(error: DriverError) -> Error {
    Error::msg(format!("{error:?}"))
}
