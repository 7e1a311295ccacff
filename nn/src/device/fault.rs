//! What kind of failure a driver's words tell of. The names are CUDA's (Driver API, `CUresult`; Runtime API, `cudaError`),
//! cuBLAS's and cuRAND's, and Metal's command buffers'; drivers say them as a name, as a sentence, or both.

/// A failure that calls for more than its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is not enough memory. The device is as it was.
    OutOfMemory,
    /// The process can't compute on the device any more: every further call says the same again. The process must end.
    Dead,
}

/// What a failure's words have in them, small letters. What is asked for first comes first.
const WORDS: [(Fault, &[&str]); 2] = [
    (
        Fault::OutOfMemory,
        &[
            "out of memory",
            "out_of_memory",
            "outofmemory",
            "memory allocation",
            "memoryallocation",
            "alloc_failed",
            "allocation_failed",
            "allocation failed",
            "insufficient memory",
        ],
    ),
    (
        Fault::Dead,
        &[
            "illegal_address",
            "illegaladdress",
            "illegal memory access",
            "launch_failed",
            "launchfailure",
            "unspecified launch failure",
            "illegal_instruction",
            "illegalinstruction",
            "illegal instruction",
            "misaligned_address",
            "misalignedaddress",
            "misaligned address",
            "invalid_address_space",
            "invalidaddressspace",
            "not supported on global/shared address space",
            "invalid_pc",
            "invalidpc",
            "invalid program counter",
            "hardware_stack_error",
            "hardwarestackerror",
            "hardware stack error",
            "cuda_error_assert",
            "cudaerrorassert",
            "device-side assert",
            "launch_timeout",
            "launchtimeout",
            "launch timed out",
            "ecc_uncorrectable",
            "eccuncorrectable",
            "uncorrectable ecc",
            "nvlink_uncorrectable",
            "uncorrectable nvlink",
            "context_is_destroyed",
            "contextisdestroyed",
            "context is destroyed",
            "cuda_error_contained",
            "execution_failed",
        ],
    ),
];

impl Fault {
    /// What an error's words tell of; `None` where they tell of neither.
    pub fn said_in(error: &str) -> Option<Self> {
        let error = error.to_lowercase();
        let known = |(_, words): &&(Fault, &[&str])| words.iter().any(|words| error.contains(words));
        WORDS.iter().find(known).map(|(fault, _)| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn want_of_memory_is_known_by_all_its_names() {
        for said in [
            "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
            "CublasError(CUBLAS_STATUS_ALLOC_FAILED)",
            "CURAND_STATUS_ALLOCATION_FAILED",
            "cudaErrorMemoryAllocation",
            "kIOGPUCommandBufferCallbackErrorOutOfMemory",
            "Insufficient Memory (00000008)",
        ] {
            assert_eq!(Fault::said_in(said), Some(Fault::OutOfMemory), "{said}");
        }
    }

    #[test]
    fn errors_that_stay_are_known_and_others_are_not() {
        for said in [
            "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")",
            "CUDA_ERROR_LAUNCH_FAILED",
            "unspecified launch failure",
            "CUDA_ERROR_MISALIGNED_ADDRESS",
            "CUDA_ERROR_ECC_UNCORRECTABLE",
            "CUBLAS_STATUS_EXECUTION_FAILED",
            "device-side assert triggered",
        ] {
            assert_eq!(Fault::said_in(said), Some(Fault::Dead), "{said}");
        }
        for said in
            ["CUDA_ERROR_INVALID_VALUE", "shape mismatch in matmul", "CUDA_ERROR_NO_DEVICE", "launch_out"]
        {
            assert_eq!(Fault::said_in(said), None, "{said}");
        }
    }
}
