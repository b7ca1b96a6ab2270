//! What a host gives up before it loads the library. Limits always hold; Landlock holds as far as the kernel has it, and
//! what that is becomes part of the log.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "descriptors that were inherited by mistake are closed by their number")
)]

use super::super::process::opening::Opening;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
};

/// Address space beside the private memory: code, files that are mapped, and what an allocator reserves without using it.
const ADDRESS_SPACE: u64 = 4 << 30;

/// The socket that is standard input. There the plugin finds nothing to read.
pub(super) fn take_socket() -> io::Result<UnixStream> {
    let input = io::stdin();
    let socket: OwnedFd = input.as_fd().try_clone_to_owned()?;
    let socket = UnixStream::from(socket);
    socket.peer_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Closes what the daemon itself has inherited, and leaves no way to outlive it or to gain rights.
pub(super) fn give_up_inheritance(socket: &UnixStream) -> io::Result<()> {
    limit(Resource::Core, 0)?;
    #[cfg(target_os = "linux")]
    linux::give_up_inheritance(socket)?;
    let _ = socket;
    Ok(())
}

/// Sets every limit. What was enforced, for people.
pub(super) fn confine(opening: &Opening) -> io::Result<String> {
    let Opening { memory_bytes, open_files, .. } = opening;
    limit(Resource::Nofile, *open_files)?;
    limit(Resource::Data, *memory_bytes)?;
    limit(Resource::As, memory_bytes.saturating_add(ADDRESS_SPACE))?;
    let limits = format!("{} MiB of memory, {open_files} open files", memory_bytes >> 20);
    #[cfg(target_os = "linux")]
    let fence = linux::fence(opening);
    #[cfg(not(target_os = "linux"))]
    let fence = "no fence around files and network on this system".to_owned();
    Ok(format!("{limits}, {fence}"))
}

/// Never more than is allowed already.
fn limit(resource: Resource, wanted: u64) -> io::Result<()> {
    let allowed = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let wanted = Some(wanted.min(allowed));
    Ok(setrlimit(resource, Rlimit { current: wanted, maximum: wanted })?)
}

#[cfg(target_os = "linux")]
mod linux {
    use super::super::super::process::opening::{Network, Opening};
    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
    };
    use rustix::{
        process::{Signal, set_parent_process_death_signal},
        thread::{set_name, set_no_new_privs},
    };
    use std::{
        fs, io,
        os::{
            fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
            unix::net::UnixStream,
        },
    };

    /// The newest rules that are known here; a kernel enforces those that it knows.
    const NEWEST: ABI = ABI::V10;
    /// How willingly this process is ended when the machine runs out of memory: before the daemon.
    const OOM_SCORE: &str = "500";
    /// Libraries, and what they read of the system to do their work.
    const SYSTEM: [&str; 11] = [
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/share/zoneinfo",
        "/usr/local/lib",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/dev/urandom",
        "/dev/zero",
        "/proc/self",
    ];
    /// What it takes besides to find and trust other machines.
    const NETWORK: [&str; 8] = [
        "/etc/resolv.conf",
        "/run/systemd/resolve",
        "/etc/hosts",
        "/etc/nsswitch.conf",
        "/etc/gai.conf",
        "/etc/host.conf",
        "/etc/ssl",
        "/usr/share/ca-certificates",
    ];

    pub(super) fn give_up_inheritance(socket: &UnixStream) -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        set_no_new_privs(true)?;
        close_others(socket)?;
        // Shown by `ps`; and whoever has to choose should end this process before the daemon. Neither is vital.
        let _ = set_name(c"venue-host");
        let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE);
        Ok(())
    }

    /// The daemon's own descriptors close themselves; those that it has inherited without knowing need not.
    fn close_others(socket: &UnixStream) -> io::Result<()> {
        let entries = fs::read_dir("/proc/self/fd")?.flatten();
        let numbers: Vec<RawFd> =
            entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        // One of them was the folder that was listed, which has closed itself.
        let is_open = |number: &RawFd| fs::symlink_metadata(format!("/proc/self/fd/{number}")).is_ok();
        let others = numbers.into_iter().filter(|&number| number > 2 && number != socket.as_raw_fd());
        for number in others.filter(is_open) {
            // SAFETY: it is open, and nobody's: this process has just begun, and nothing in it has opened anything but
            // the three standard streams and the socket.
            drop(unsafe { OwnedFd::from_raw_fd(number) });
        }
        Ok(())
    }

    /// Fences the process in. What the kernel enforces of it, for people.
    pub(super) fn fence(opening: &Opening) -> String {
        match restrict(opening) {
            Ok(RestrictionStatus {
                landlock: LandlockStatus::Available { effective_abi, .. },
                ruleset,
                ..
            }) => {
                let extent = match ruleset {
                    RulesetStatus::FullyEnforced => "in full",
                    RulesetStatus::PartiallyEnforced | RulesetStatus::NotEnforced => {
                        "as far as the kernel can"
                    }
                };
                let network = match opening.network {
                    Network::Allowed => "network allowed",
                    Network::Denied if effective_abi >= ABI::V4 => "no network",
                    Network::Denied => "network not fenced",
                };
                format!(
                    "Landlock {} {extent}: reads libraries, writes its own folder, {network}",
                    effective_abi as i32
                )
            }
            Ok(_) => "without Landlock: files and network are not fenced".to_owned(),
            Err(error) => format!("without Landlock: {error}"),
        }
    }

    fn restrict(opening: &Opening) -> Result<RestrictionStatus, RulesetError> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let write: BitFlags<AccessFs> = AccessFs::from_all(NEWEST) & !BitFlags::from(AccessFs::Execute);
        let rules = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?;
        let (rules, network) = match opening.network {
            Network::Denied => (rules.handle_access(AccessNet::from_all(NEWEST))?, &[][..]),
            Network::Allowed => (rules, &NETWORK[..]),
        };
        let rules = rules.scope(Scope::from_all(NEWEST))?.create()?;
        rules
            .add_rules(path_beneath_rules(SYSTEM.iter().chain(network), read))?
            .add_rules(path_beneath_rules([&opening.library], read))?
            .add_rules(path_beneath_rules(["/dev/null"], read | AccessFs::WriteFile))?
            .add_rules(path_beneath_rules([&opening.data_dir], write))?
            .restrict_self()
    }
}
