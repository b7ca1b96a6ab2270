//! The binary in front of a server that answers as it is told.

#[cfg(test)]
mod bulk;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod export;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod shells;
#[cfg(test)]
mod stub;
