//! The panic fence: a panic becomes a message, wherever foreign code is about to be entered or left.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// Runs `body`; a panic becomes its message.
///
/// # Errors
/// When it panicked. State that `body` borrowed is as the panic left it.
pub fn catch<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(message)
}

/// The words of a panic. A payload that is no text is forgotten: its own drop could panic again.
fn message(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(payload) => payload,
    };
    match payload.downcast::<&'static str>() {
        Ok(text) => (*text).to_owned(),
        Err(payload) => {
            std::mem::forget(payload);
            "panicked without a message".to_owned()
        }
    }
}

/// A future whose panics become its output. After a panic it drops what it held.
pub(super) struct Fenced<T>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T> Fenced<T> {
    pub(super) fn new(future: Pin<Box<dyn Future<Output = T> + Send>>) -> Self {
        Self(Some(future))
    }
}

impl<T> Future for Fenced<T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = self.0.as_mut() else {
            return Poll::Ready(Err("polled after it had panicked".to_owned()));
        };
        match catch(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => {
                let broken = self.0.take();
                let _ = catch(|| drop(broken));
                Poll::Ready(Err(panic))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_its_message() {
        assert_eq!(catch(|| 1), Ok(1));
        assert_eq!(catch(|| panic!("at {}", 2)), Err::<(), _>("at 2".to_owned()));
        assert_eq!(
            catch(|| std::panic::panic_any(3_u8)),
            Err::<(), _>("panicked without a message".to_owned())
        );
        let fenced = Fenced::<()>::new(Box::pin(async { panic!("in a poll") }));
        assert_eq!(fenced.await, Err("in a poll".to_owned()));
    }
}
