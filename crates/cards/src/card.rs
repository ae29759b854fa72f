//! A card and the matrices on it.

use crate::driver::{Argument, Driver, Room, failed};
use crate::{Device, Failure, FailureKind, Kind};
use opencl3::device::{CL_DEVICE_TYPE_ACCELERATOR, CL_DEVICE_TYPE_ALL, CL_DEVICE_TYPE_GPU};
use opencl3::kernel::Kernel;
use opencl3::platform::get_platforms;
use std::collections::HashMap;
use std::fmt::{Debug, Formatter};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What runs on cards.
const SOURCE: &str = include_str!("kernel.cl");
/// `WORKERS`, `TILE` and `GROUP` of the source.
const WORKERS: usize = 64;
const TILE: usize = 8;
const GROUP: usize = 16;
/// What is left of the memory of a card, as one part of so many: others use it too, and inputs need some.
const SPARE: u64 = 10;

/// A card at work. One product at a time, whoever asks.
pub struct Card {
    name: String,
    /// The most bytes of one matrix, and of all.
    largest: u64,
    memory: u64,
    work: Mutex<Work>,
}

struct Work {
    driver: Driver,
    kernels: HashMap<Kind, Kernel>,
    inputs: Room<f32>,
    outputs: Room<f32>,
    /// Bytes of all matrices.
    used: u64,
}

/// A matrix in the memory of a card, which it leaves with this.
pub struct Matrix {
    card: Arc<Card>,
    weights: Room<u8>,
    kind: Kind,
    inputs: usize,
    outputs: usize,
}

/// The devices of this machine, those of all drivers.
///
/// # Errors
/// [`FailureKind::Unavailable`]: the machine has no OpenCL.
pub fn devices() -> Result<Vec<Device>, Failure> {
    let found = found()?.into_iter().enumerate();
    Ok(found.filter_map(|(place, device)| told(place, device)).collect())
}

fn found() -> Result<Vec<opencl3::device::Device>, Failure> {
    // Drivers begin at the first question, and not all of them bear two at once.
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let platforms = get_platforms().map_err(|error| {
        let cause = format!("there is no OpenCL on this machine ({error}): the driver of a graphics card brings it");
        Failure::new(FailureKind::Unavailable, cause)
    })?;
    // A driver without a device says that as an error.
    let devices = platforms.iter().flat_map(|platform| platform.get_devices(CL_DEVICE_TYPE_ALL).unwrap_or_default());
    Ok(devices.map(opencl3::device::Device::new).collect())
}

/// What is told of a device; nothing of one that answers nothing.
fn told(place: usize, device: opencl3::device::Device) -> Option<Device> {
    let name: String = device.name().ok()?.chars().filter(|character| !character.is_control()).take(200).collect();
    let kind = device.dev_type().ok()?;
    Some(Device {
        name: name.trim().to_owned(),
        is_card: kind & (CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR) != 0
            && !device.host_unified_memory().unwrap_or_default(),
        memory: device.global_mem_size().ok()?,
        place,
    })
}

impl Card {
    /// Takes a device.
    ///
    /// # Errors
    /// [`FailureKind::Unavailable`]: it is not there any more, or cannot run what shall run on it.
    pub fn open(device: &Device) -> Result<Self, Failure> {
        let gone = || Failure::new(FailureKind::Unavailable, format!("the device `{}` is not there", device.name));
        let found = found()?.into_iter().nth(device.place).ok_or_else(gone)?;
        let asked = |error| Failure { kind: FailureKind::Unavailable, ..failed("asking the card")(error) };
        let is_fit = found.compiler_available().map_err(asked)?
            && found.endian_little().map_err(asked)?
            && found.max_work_group_size().map_err(asked)? >= WORKERS;
        if !is_fit {
            let cause = format!("`{}` cannot run kernels of this program", device.name);
            return Err(Failure::new(FailureKind::Unavailable, cause));
        }
        let largest = found.max_mem_alloc_size().map_err(asked)?;
        let driver = Driver::open(&found).map_err(|failure| Failure { kind: FailureKind::Unavailable, ..failure })?;
        let (inputs, outputs) = (driver.room(1)?, driver.room(1)?);
        let work = Work { driver, kernels: HashMap::new(), inputs, outputs, used: 0 };
        let memory = device.memory - device.memory / SPARE;
        Ok(Self { name: device.name.clone(), largest, memory, work: Mutex::new(work) })
    }

    /// What its driver calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings a matrix to the card: `outputs` rows of `inputs` numbers, as blocks of `kind`.
    ///
    /// # Errors
    /// - [`FailureKind::Memory`]: the card has no room for it.
    /// - [`FailureKind::Sizes`]: `bytes` are not those of such a matrix, or rows are no multiple of 16 numbers.
    /// - [`FailureKind::Unavailable`]: the driver cannot build what multiplies with this kind.
    /// - [`FailureKind::Lost`]: the card failed.
    pub fn upload(
        self: &Arc<Self>,
        kind: Kind,
        bytes: &[u8],
        inputs: usize,
        outputs: usize,
    ) -> Result<Matrix, Failure> {
        let row = inputs / kind.block() * kind.bytes();
        let is_whole = inputs.is_multiple_of(kind.block().max(GROUP)) && inputs > 0;
        if !is_whole || row.checked_mul(outputs) != Some(bytes.len()) || u32::try_from(outputs).is_err() {
            return Err(Failure::new(FailureKind::Sizes, "a matrix that is none was to go to the card"));
        }
        let mut work = self.work();
        let wanted = bytes.len() as u64;
        if wanted > self.largest || work.used + wanted > self.memory {
            let cause = format!("`{}` has no room for {} MiB more", self.name, wanted >> 20);
            return Err(Failure::new(FailureKind::Memory, cause));
        }
        let is_first = !work.kernels.contains_key(&kind);
        if is_first {
            let options = format!(
                "-cl-std=CL1.2 -DUNPACK=unpack_{} -DBLOCK={} -DBYTES={}",
                word(kind),
                kind.block(),
                kind.bytes()
            );
            let kernel = work.driver.kernel(SOURCE, &options, "product")?;
            work.kernels.insert(kind, kernel);
        }
        let mut weights = work.driver.room(bytes.len())?;
        work.driver.write(&mut weights, bytes)?;
        work.used += wanted;
        drop(work);
        let matrix = Matrix { card: Arc::clone(self), weights, kind, inputs, outputs };
        // Drivers do the last of building when a kernel is first begun: what they cannot do is seen here, and not by a request.
        if is_first {
            self.multiply(&[&matrix], &vec![0.0; inputs])?;
        }
        Ok(matrix)
    }

    /// Rows of inputs times each of `matrices`, which take inputs of the same length: for each matrix, for each input, its outputs.
    ///
    /// # Errors
    /// - [`FailureKind::Sizes`]: inputs are not whole, or a matrix is that of another card.
    /// - [`FailureKind::Memory`] and [`FailureKind::Lost`]: the card failed.
    pub fn multiply(&self, matrices: &[&Matrix], inputs: &[f32]) -> Result<Vec<Vec<f32>>, Failure> {
        let width = matrices.first().map_or(1, |matrix| matrix.inputs);
        let count = inputs.len() / width;
        let is_whole = inputs.len().is_multiple_of(width)
            && matrices.iter().all(|matrix| matrix.inputs == width && std::ptr::eq(&*matrix.card, self));
        let rows: usize = matrices.iter().map(|matrix| matrix.outputs).sum();
        let outputs = rows.checked_mul(count).filter(|outputs| is_whole && u32::try_from(*outputs).is_ok());
        let outputs = outputs.ok_or_else(|| Failure::new(FailureKind::Sizes, "a product of what does not fit"))?;
        if outputs == 0 {
            return Ok(matrices.iter().map(|_| Vec::new()).collect());
        }
        let work = &mut *self.work();
        work.reserve(inputs.len(), outputs)?;
        work.driver.write(&mut work.inputs, inputs)?;
        let mut start = 0;
        for matrix in matrices {
            work.begin(matrix, count, start, outputs)?;
            start += matrix.outputs * count;
        }
        let mut all = vec![0.0; outputs];
        work.driver.read(&work.outputs, &mut all)?;
        let mut all = all.into_iter();
        Ok(matrices.iter().map(|matrix| all.by_ref().take(matrix.outputs * count).collect()).collect())
    }
}

impl Work {
    /// Makes room for inputs and outputs.
    fn reserve(&mut self, inputs: usize, outputs: usize) -> Result<(), Failure> {
        if self.inputs.length() < inputs {
            self.inputs = self.driver.room(inputs)?;
        }
        if self.outputs.length() < outputs {
            self.outputs = self.driver.room(outputs)?;
        }
        Ok(())
    }

    /// Begins the product of `count` inputs with a matrix, whose outputs stand from `start` on, before `end`.
    fn begin(&self, matrix: &Matrix, count: usize, start: usize, end: usize) -> Result<(), Failure> {
        let lost = || Failure::new(FailureKind::Sizes, "a product of what does not fit");
        let kernel = self.kernels.get(&matrix.kind).ok_or_else(lost)?;
        let number = |number: usize| u32::try_from(number).map(Argument::Number).map_err(|_| lost());
        let bytes = matrix.inputs / matrix.kind.block() * matrix.kind.bytes() * matrix.outputs;
        let arguments = [
            Argument::Bytes(&matrix.weights, bytes),
            Argument::Numbers(&self.inputs, count * matrix.inputs),
            Argument::Numbers(&self.outputs, end),
            number(matrix.inputs)?,
            number(matrix.outputs)?,
            number(count)?,
            number(start)?,
        ];
        if start + matrix.outputs * count > end {
            return Err(lost());
        }
        self.driver.launch(kernel, &arguments, [matrix.outputs, count.div_ceil(TILE)], WORKERS)
    }
}

impl Matrix {
    /// Whose memory it is in.
    pub fn card(&self) -> &Arc<Card> {
        &self.card
    }
}

impl Drop for Matrix {
    fn drop(&mut self) {
        let mut work = self.card.work();
        work.used = work.used.saturating_sub(self.weights.length() as u64);
    }
}

impl Debug for Card {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Card").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Debug for Matrix {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { kind, inputs, outputs, .. } = self;
        out.debug_struct("Matrix")
            .field("kind", kind)
            .field("inputs", inputs)
            .field("outputs", outputs)
            .finish_non_exhaustive()
    }
}

/// What the source calls a type.
fn word(kind: Kind) -> String {
    format!("{kind:?}").to_lowercase()
}

#[cfg(test)]
mod tests;
