//! What the end of a call to a venue says of the venue's health.

use super::breaker::Verdict;
use orderd_sdk::plugin::{ErrorKind, PluginError};

/// A venue that answers is well, also when the answer is no: that there is no such pair, or that the pool is too shallow.
pub(super) fn of_work<T>(answer: &Result<T, PluginError>) -> Verdict {
    match answer {
        Ok(_) => Verdict::Well,
        Err(error) => match error.kind {
            ErrorKind::Transient | ErrorKind::Panic | ErrorKind::Deadline => {
                Verdict::Unwell(error.message.clone())
            }
            ErrorKind::Market
            | ErrorKind::Permanent
            | ErrorKind::InsufficientFunds
            | ErrorKind::InsufficientAllowance
            | ErrorKind::PolicyRefused
            | ErrorKind::Invalid
            | ErrorKind::Unsupported => Verdict::Well,
            ErrorKind::Cancelled => Verdict::Silent,
        },
    }
}

/// Whoever is asked how he is and complains is not well, whatever the words.
pub(super) fn of_check<T>(answer: &Result<T, PluginError>) -> Verdict {
    match answer {
        Ok(_) => Verdict::Well,
        Err(error) => match error.kind {
            ErrorKind::Unsupported | ErrorKind::Cancelled => Verdict::Silent,
            ErrorKind::Transient
            | ErrorKind::Market
            | ErrorKind::Panic
            | ErrorKind::Deadline
            | ErrorKind::Permanent
            | ErrorKind::InsufficientFunds
            | ErrorKind::InsufficientAllowance
            | ErrorKind::PolicyRefused
            | ErrorKind::Invalid => Verdict::Unwell(error.message.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_something_about_health_counts() {
        use ErrorKind as K;
        let unwell = || Verdict::Unwell("why".to_owned());
        for (kind, work, check) in [
            (K::Transient, unwell(), unwell()),
            (K::Deadline, unwell(), unwell()),
            (K::Panic, unwell(), unwell()),
            (K::Market, Verdict::Well, unwell()),
            (K::Permanent, Verdict::Well, unwell()),
            (K::Invalid, Verdict::Well, unwell()),
            (K::InsufficientFunds, Verdict::Well, unwell()),
            (K::InsufficientAllowance, Verdict::Well, unwell()),
            (K::PolicyRefused, Verdict::Well, unwell()),
            (K::Unsupported, Verdict::Well, Verdict::Silent),
            (K::Cancelled, Verdict::Silent, Verdict::Silent),
        ] {
            let answer = Err::<(), _>(PluginError { kind, message: "why".to_owned() });
            assert_eq!((of_work(&answer), of_check(&answer)), (work, check), "{kind:?}");
        }
        assert_eq!((of_work(&Ok(())), of_check(&Ok(()))), (Verdict::Well, Verdict::Well));
    }
}
