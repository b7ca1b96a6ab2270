//! The names of methods and services.

/// What a host asks of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Which chains and venues `create` made: a [`Description`](super::Description). It has no target.
    Describe,
    /// [`Venue::quote`](crate::plugin::Venue::quote).
    VenueQuote,
    /// [`Venue::build`](crate::plugin::Venue::build).
    VenueBuild,
    /// [`Venue::health`](crate::plugin::Venue::health).
    VenueHealth,
    /// [`Chain::address`](crate::plugin::Chain::address).
    ChainAddress,
    /// [`Chain::lane`](crate::plugin::Chain::lane).
    ChainLane,
    /// [`Chain::estimate`](crate::plugin::Chain::estimate).
    ChainEstimate,
    /// [`Chain::prepare`](crate::plugin::Chain::prepare).
    ChainPrepare,
    /// [`Chain::cancel`](crate::plugin::Chain::cancel).
    ChainCancel,
    /// [`Chain::bump`](crate::plugin::Chain::bump).
    ChainBump,
    /// [`Chain::consumer`](crate::plugin::Chain::consumer).
    ChainConsumer,
    /// [`Chain::send`](crate::plugin::Chain::send).
    ChainSend,
    /// [`Chain::status`](crate::plugin::Chain::status).
    ChainStatus,
    /// [`Chain::balance`](crate::plugin::Chain::balance).
    ChainBalance,
    /// [`Chain::read`](crate::plugin::Chain::read).
    ChainRead,
    /// [`Chain::health`](crate::plugin::Chain::health).
    ChainHealth,
}

impl Method {
    /// Every method of this minor version.
    pub const ALL: [Self; 16] = [
        Self::Describe,
        Self::VenueQuote,
        Self::VenueBuild,
        Self::VenueHealth,
        Self::ChainAddress,
        Self::ChainLane,
        Self::ChainEstimate,
        Self::ChainPrepare,
        Self::ChainCancel,
        Self::ChainBump,
        Self::ChainConsumer,
        Self::ChainSend,
        Self::ChainStatus,
        Self::ChainBalance,
        Self::ChainRead,
        Self::ChainHealth,
    ];

    /// Its name on the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::VenueQuote => "venue.quote",
            Self::VenueBuild => "venue.build",
            Self::VenueHealth => "venue.health",
            Self::ChainAddress => "chain.address",
            Self::ChainLane => "chain.lane",
            Self::ChainEstimate => "chain.estimate",
            Self::ChainPrepare => "chain.prepare",
            Self::ChainCancel => "chain.cancel",
            Self::ChainBump => "chain.bump",
            Self::ChainConsumer => "chain.consumer",
            Self::ChainSend => "chain.send",
            Self::ChainStatus => "chain.status",
            Self::ChainBalance => "chain.balance",
            Self::ChainRead => "chain.read",
            Self::ChainHealth => "chain.health",
        }
    }

    /// The method of this name, if this minor version has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// What a plugin asks of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// [`Host::sign`](crate::plugin::Host::sign).
    Sign,
    /// [`Host::read_chain`](crate::plugin::Host::read_chain).
    ChainRead,
    /// [`Host::http`](crate::plugin::Host::http), since version 1.2.
    Http,
    /// [`Host::kv_get`](crate::plugin::Host::kv_get), since version 1.2.
    KvGet,
    /// [`Host::kv_put`](crate::plugin::Host::kv_put), since version 1.2.
    KvPut,
    /// [`Host::kv_delete`](crate::plugin::Host::kv_delete), since version 1.2.
    KvDelete,
    /// [`Host::kv_list`](crate::plugin::Host::kv_list), since version 1.2.
    KvList,
    /// [`Host::now`](crate::plugin::Host::now), since version 1.2.
    TimeNow,
    /// [`Host::record`](crate::plugin::Host::record), since version 1.2.
    MetricsRecord,
    /// Gives an earlier question up, since version 1.2: what it holds is freed, and no answer has to come.
    Cancel,
}

impl Service {
    /// Every service of this minor version.
    pub const ALL: [Self; 10] = [
        Self::Sign,
        Self::ChainRead,
        Self::Http,
        Self::KvGet,
        Self::KvPut,
        Self::KvDelete,
        Self::KvList,
        Self::TimeNow,
        Self::MetricsRecord,
        Self::Cancel,
    ];

    /// Its name on the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::ChainRead => "chain.read",
            Self::Http => "http",
            Self::KvGet => "kv.get",
            Self::KvPut => "kv.put",
            Self::KvDelete => "kv.delete",
            Self::KvList => "kv.list",
            Self::TimeNow => "time.now",
            Self::MetricsRecord => "metrics.record",
            Self::Cancel => "cancel",
        }
    }

    /// The service of this name, if this minor version has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_leads_back_to_its_method() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.name()), Some(method));
        }
        assert_eq!(Method::parse("venue.dance"), None);
        for service in Service::ALL {
            assert_eq!(Service::parse(service.name()), Some(service));
        }
    }
}
