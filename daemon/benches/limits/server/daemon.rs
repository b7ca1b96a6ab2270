//! Ours: the daemon's interface as it is, with its stream, on a staged desk.

use super::{Server, desk::StagedDesk, script::Script};
use orderd::{
    api::{ApiSettings, ApiState, serve},
    engine::Desk,
    order::Order,
    stream::Hub,
    telemetry::spawn,
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{net::TcpListener, runtime::Handle, sync::watch};

/// Every client of a scenario finds a place, and one in sixteen is kept for others.
const MAX_CONNECTIONS: usize = 16_384;
/// Signs of life are no part of what is measured.
const HEARTBEAT: Duration = Duration::from_secs(120);

pub(super) struct Daemon {
    script: Script,
    desk: Arc<StagedDesk>,
    hub: Arc<Hub>,
    prepared: VecDeque<Arc<Order>>,
    /// The interface closes when this is gone.
    _closing: watch::Sender<bool>,
}

impl Daemon {
    pub(super) fn start(runtime: &Handle, listener: TcpListener, script: Script) -> Self {
        let desk = Arc::new(StagedDesk::default());
        script.orders().iter().for_each(|order| desk.show(order));
        let settings =
            ApiSettings { max_connections: MAX_CONNECTIONS, heartbeat: HEARTBEAT, ..ApiSettings::default() };
        let hub = Hub::new(settings.buffer, settings.buffer.messages);
        hub.begin(script.cursor(), Vec::new());
        let state = ApiState::new(Arc::clone(&desk) as Arc<dyn Desk>, Arc::clone(&hub), settings);
        let (closing, closes) = watch::channel(false);
        let _inside = runtime.enter();
        // They end with the process.
        drop(spawn("hub", Arc::clone(&hub).run()));
        drop(spawn("api", serve(listener, state, closes)));
        Self { script, desk, hub, prepared: VecDeque::new(), _closing: closing }
    }
}

impl Server for Daemon {
    fn prepare(&mut self, events: usize) -> anyhow::Result<()> {
        self.prepared = (0..events).map(|_| self.script.next()).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn publish(&mut self) {
        if let Some(order) = self.prepared.pop_front() {
            self.desk.show(&order);
            self.hub.publish(&order, order.events.len() - 1);
        }
    }
}
