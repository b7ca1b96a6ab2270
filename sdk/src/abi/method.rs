//! The names of methods and services.

/// An enum whose variants have names on the interface: the list, the names and the way back, from one line each.
macro_rules! named {
    ($(#[$about:meta])* $kind:ident { $($(#[$meaning:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind {
            $($(#[$meaning])* $variant,)*
        }

        impl $kind {
            /// All that this minor version has.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Its name on the interface.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The one of this name, if this minor version has it.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|known| known.name() == name)
            }
        }
    };
}

named! {
    /// What a host asks of a plugin.
    Method {
        /// Which chains and venues `create` made: a [`Description`](super::Description). It has no target.
        Describe = "describe",
        /// [`Venue::quote`](crate::plugin::Venue::quote).
        VenueQuote = "venue.quote",
        /// [`Venue::build`](crate::plugin::Venue::build).
        VenueBuild = "venue.build",
        /// [`Venue::health`](crate::plugin::Venue::health).
        VenueHealth = "venue.health",
        /// [`Chain::address`](crate::plugin::Chain::address).
        ChainAddress = "chain.address",
        /// [`Chain::lane`](crate::plugin::Chain::lane).
        ChainLane = "chain.lane",
        /// [`Chain::estimate`](crate::plugin::Chain::estimate).
        ChainEstimate = "chain.estimate",
        /// [`Chain::prepare`](crate::plugin::Chain::prepare).
        ChainPrepare = "chain.prepare",
        /// [`Chain::cancel`](crate::plugin::Chain::cancel).
        ChainCancel = "chain.cancel",
        /// [`Chain::bump`](crate::plugin::Chain::bump).
        ChainBump = "chain.bump",
        /// [`Chain::consumer`](crate::plugin::Chain::consumer).
        ChainConsumer = "chain.consumer",
        /// [`Chain::send`](crate::plugin::Chain::send).
        ChainSend = "chain.send",
        /// [`Chain::status`](crate::plugin::Chain::status).
        ChainStatus = "chain.status",
        /// [`Chain::balance`](crate::plugin::Chain::balance).
        ChainBalance = "chain.balance",
        /// [`Chain::read`](crate::plugin::Chain::read).
        ChainRead = "chain.read",
        /// [`Chain::health`](crate::plugin::Chain::health).
        ChainHealth = "chain.health",
    }
}

named! {
    /// What a plugin asks of its host.
    Service {
        /// [`Host::sign`](crate::plugin::Host::sign).
        Sign = "sign",
        /// [`Host::read_chain`](crate::plugin::Host::read_chain).
        ChainRead = "chain.read",
        /// [`Host::http`](crate::plugin::Host::http), since version 1.2.
        Http = "http",
        /// [`Host::kv_get`](crate::plugin::Host::kv_get), since version 1.2.
        KvGet = "kv.get",
        /// [`Host::kv_put`](crate::plugin::Host::kv_put), since version 1.2.
        KvPut = "kv.put",
        /// [`Host::kv_delete`](crate::plugin::Host::kv_delete), since version 1.2.
        KvDelete = "kv.delete",
        /// [`Host::kv_list`](crate::plugin::Host::kv_list), since version 1.2.
        KvList = "kv.list",
        /// [`Host::now`](crate::plugin::Host::now), since version 1.2.
        TimeNow = "time.now",
        /// [`Host::record`](crate::plugin::Host::record), since version 1.2.
        MetricsRecord = "metrics.record",
        /// Gives an earlier question up, since version 1.2: what it holds is freed, and no answer has to come.
        Cancel = "cancel",
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
        for service in Service::ALL {
            assert_eq!(Service::parse(service.name()), Some(service));
        }
        assert_eq!(Method::parse("venue.dance"), None);
        assert_eq!(Service::parse("sing"), None);
    }
}
