//! A node that is killed and started again, on the same ports and the same data.

use std::net::{SocketAddr, TcpListener};

use crate::chance::Chance;
use crate::gateway::{Gateway, Settings};

pub struct Node {
    settings: Settings,
    gateway: Gateway,
}

impl Node {
    /// Starts a node on ports of its own and waits until it is ready.
    pub fn start(settings: Settings, chance: &mut Chance) -> Self {
        let settings = Settings { addresses: Some((port(chance), port(chance))), ..settings };
        Self { gateway: Gateway::start(&settings), settings }
    }

    pub const fn address(&self) -> SocketAddr {
        self.gateway.http
    }

    pub const fn pid(&self) -> u32 {
        self.gateway.pid
    }

    /// Kills the node; `meanwhile` happens before it starts again, and nobody waits until it has.
    pub fn kill(self, meanwhile: impl FnOnce()) -> Self {
        self.gateway.kill();
        meanwhile();
        Self { gateway: Gateway::launch(&self.settings), settings: self.settings }
    }

    /// Waits until the node serves. One that ended because its database was away is started again, as its keeper would.
    pub fn stand(&mut self) {
        if !self.gateway.becomes_ready() {
            self.gateway = Gateway::start(&self.settings);
        }
    }

    pub fn stop(self) {
        let log = self.gateway.log();
        assert!(self.gateway.stop().success(), "the gateway ends well\n{log}");
    }
}

/// A port below those that the system hands out by itself: nobody takes it while the node is down, and no client that
/// tries to connect to it meets itself.
fn port(chance: &mut Chance) -> SocketAddr {
    loop {
        let address =
            SocketAddr::from(([127, 0, 0, 1], u16::try_from(chance.within(12_000..=31_000)).expect("a port")));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
