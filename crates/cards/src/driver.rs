//! OpenCL behind functions that cannot be misused: all `unsafe` of the house.
//!
//! Buffers know their length, and what a kernel says that it touches is held against it. The queue does one command after the
//! other, and commands that see memory of this process are waited for, so that nothing is borrowed beyond a call.

use crate::{Failure, FailureKind};
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::device::Device;
use opencl3::error_codes::ClError;
use opencl3::event::Event;
use opencl3::kernel::Kernel;
use opencl3::memory::{Buffer, CL_MEM_READ_WRITE, ClMem as _};
use opencl3::program::Program;
use opencl3::types::{CL_BLOCKING, cl_device_id};

/// The codes of OpenCL that say that memory is short: of a buffer, of the device, of the host, and a buffer that is larger than may be
/// (<https://registry.khronos.org/OpenCL/specs/3.0-unified/html/OpenCL_API.html#error_codes>).
const SHORT: [i32; 4] = [-4, -5, -6, -61];

/// Numbers that mean something in every pattern of bits.
pub(crate) trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for f32 {}

/// Memory of a card.
pub(crate) struct Room<T> {
    buffer: Buffer<T>,
    length: usize,
}

/// What a kernel is given.
pub(crate) enum Argument<'a> {
    /// Memory, of which so many bytes are touched.
    Bytes(&'a Room<u8>, usize),
    /// Memory, of which so many numbers are touched.
    Numbers(&'a Room<f32>, usize),
    /// A number.
    Number(u32),
}

/// A device at work.
pub(crate) struct Driver {
    context: Context,
    queue: CommandQueue,
}

impl<T> Room<T> {
    /// How many numbers it has.
    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

impl Driver {
    pub(crate) fn open(device: &Device) -> Result<Self, Failure> {
        let context = Context::from_device(device).map_err(failed("opening the card"))?;
        let queue = queue(&context, device.id()).map_err(failed("opening the card"))?;
        Ok(Self { context, queue })
    }

    /// The kernel `name` of a program.
    pub(crate) fn kernel(&self, source: &str, options: &str, name: &str) -> Result<Kernel, Failure> {
        let program = Program::create_and_build_from_source(&self.context, source, options).map_err(|log| {
            let log: String = log.chars().filter(|character| !character.is_control()).take(500).collect();
            Failure::new(
                FailureKind::Unavailable,
                format!("the card's driver does not build what shall run on it: {log}"),
            )
        })?;
        Kernel::create(&program, name).map_err(failed("building for the card"))
    }

    /// Memory for `length` numbers, one at least.
    pub(crate) fn room<T: Plain>(&self, length: usize) -> Result<Room<T>, Failure> {
        let length = length.max(1);
        let buffer = buffer(&self.context, length).map_err(failed("taking memory of the card"))?;
        Ok(Room { buffer, length })
    }

    /// Writes `data` to the beginning of a room.
    pub(crate) fn write<T: Plain>(&self, room: &mut Room<T>, data: &[T]) -> Result<(), Failure> {
        within(data.len(), room.length)?;
        if data.is_empty() {
            return Ok(());
        }
        write(&self.queue, &mut room.buffer, data).map(drop).map_err(failed("writing to the card"))
    }

    /// Fills `data` from the beginning of a room, when all that was begun before has ended.
    pub(crate) fn read<T: Plain>(&self, room: &Room<T>, data: &mut [T]) -> Result<(), Failure> {
        within(data.len(), room.length)?;
        if data.is_empty() {
            return Ok(());
        }
        read(&self.queue, &room.buffer, data).map(drop).map_err(failed("reading from the card"))
    }

    /// Begins a kernel for groups of `workers`.
    pub(crate) fn launch(
        &self,
        kernel: &Kernel,
        arguments: &[Argument<'_>],
        groups: [usize; 2],
        workers: usize,
    ) -> Result<(), Failure> {
        let wanted = kernel.num_args().map_err(failed("asking the card"))?;
        if u32::try_from(arguments.len()) != Ok(wanted) {
            return Err(Failure::new(FailureKind::Sizes, "a kernel is given too much or too little"));
        }
        for argument in arguments {
            match argument {
                Argument::Bytes(room, touched) => within(*touched, room.length)?,
                Argument::Numbers(room, touched) => within(*touched, room.length)?,
                Argument::Number(_) => {}
            }
        }
        let global = [groups[0].saturating_mul(workers), groups[1]];
        let begun = launch(&self.queue, kernel, arguments, global, [workers, 1]);
        begun.map(drop).map_err(failed("beginning work on the card"))
    }
}

fn within(touched: usize, length: usize) -> Result<(), Failure> {
    let refused = || Failure::new(FailureKind::Sizes, format!("{touched} numbers do not lie in {length}"));
    (touched <= length).then_some(()).ok_or_else(refused)
}

/// What an error of OpenCL means while something was done.
pub(crate) fn failed(what: &'static str) -> impl Fn(ClError) -> Failure {
    move |error| {
        let kind = if SHORT.contains(&error.0) { FailureKind::Memory } else { FailureKind::Lost };
        Failure::new(kind, format!("{what}: OpenCL says {error} ({})", error.0))
    }
}

#[expect(unsafe_code, reason = "OpenCL is an interface of C")]
fn queue(context: &Context, device: cl_device_id) -> Result<CommandQueue, ClError> {
    // SAFETY: the caller made the context of this very device. Without properties commands are done in order.
    unsafe { CommandQueue::create(context, device, 0) }
}

#[expect(unsafe_code, reason = "OpenCL is an interface of C")]
fn buffer<T: Plain>(context: &Context, length: usize) -> Result<Buffer<T>, ClError> {
    // SAFETY: the null pointer is right for memory that is the card's own. The length is not 0, and the driver refuses what is too
    // large. What is read of it before it was written is numbers of chance.
    unsafe { Buffer::create(context, CL_MEM_READ_WRITE, length, std::ptr::null_mut()) }
}

#[expect(unsafe_code, reason = "OpenCL is an interface of C")]
fn write<T: Plain>(queue: &CommandQueue, buffer: &mut Buffer<T>, data: &[T]) -> Result<Event, ClError> {
    // SAFETY: the caller saw that the data fit the buffer, and the call does not come back before they are there.
    unsafe { queue.enqueue_write_buffer(buffer, CL_BLOCKING, 0, data, &[]) }
}

#[expect(unsafe_code, reason = "OpenCL is an interface of C")]
fn read<T: Plain>(queue: &CommandQueue, buffer: &Buffer<T>, data: &mut [T]) -> Result<Event, ClError> {
    // SAFETY: the caller saw that the buffer has as many, every pattern of bits is a `T`, and the call does not come back before they
    // are there.
    unsafe { queue.enqueue_read_buffer(buffer, CL_BLOCKING, 0, data, &[]) }
}

#[expect(unsafe_code, reason = "OpenCL is an interface of C")]
fn launch(
    queue: &CommandQueue,
    kernel: &Kernel,
    arguments: &[Argument<'_>],
    global: [usize; 2],
    local: [usize; 2],
) -> Result<Event, ClError> {
    for (place, argument) in (0..).zip(arguments) {
        // SAFETY: the driver refuses an argument of another size than the kernel's own, so that numbers, which have four bytes, and
        // buffers, which have eight, cannot be taken for each other. The driver keeps what is given until the kernel has ended.
        unsafe {
            match argument {
                Argument::Bytes(room, _) => kernel.set_arg(place, &room.buffer.get())?,
                Argument::Numbers(room, _) => kernel.set_arg(place, &room.buffer.get())?,
                Argument::Number(number) => kernel.set_arg(place, number)?,
            }
        }
    }
    // SAFETY: the arrays have the two dimensions that are said, and live until the call comes back. What the kernel touches was held
    // against the buffers' lengths, and whoever lets a buffer go does so when the queue is done with it, which the driver sees to.
    unsafe { queue.enqueue_nd_range_kernel(kernel.get(), 2, std::ptr::null(), global.as_ptr(), local.as_ptr(), &[]) }
}
