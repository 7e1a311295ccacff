//! Whether file locks in a folder are seen by other machines, as far as Linux's account of its mounts tells.

use std::path::Path;

/// How far locks reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The disk is this machine's own.
    ThisMachine,
    /// Every machine that has the disk sees them.
    Every,
    /// Each machine sees its own only, for this reason.
    EachItsOwn(String),
    /// The account does not tell: the file system's name.
    Unknown(String),
}

/// File systems that only one machine has at a time.
const LOCAL: [&str; 11] =
    ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "f2fs", "vfat", "bcachefs"];
/// Network file systems whose locks reach all machines as they are usually mounted.
const SHARED: [&str; 3] = ["ceph", "gpfs", "ocfs2"];

/// How far locks in a folder (without links) reach, by the text of `/proc/self/mountinfo`.
pub fn reach(folder: &Path, mounts: &str) -> Option<Reach> {
    let (_, kind, options) = mounts
        .lines()
        .filter_map(mount)
        .filter(|(point, ..)| folder.starts_with(point))
        .max_by_key(|(point, ..)| point.len())?;
    let has = |option: &str| options.split(',').any(|one| one == option);
    let each = |option: &str| Reach::EachItsOwn(format!("it is {kind}, mounted with {option}"));
    Some(match kind {
        "nfs" | "nfs4" => {
            let local =
                ["nolock", "local_lock=all", "local_lock=flock"].into_iter().find(|option| has(option));
            local.map_or(Reach::Every, each)
        }
        "lustre" if has("localflock") => each("localflock"),
        "lustre" if has("flock") => Reach::Every,
        "lustre" => Reach::EachItsOwn("it is lustre, mounted without flock".into()),
        kind if LOCAL.contains(&kind) => Reach::ThisMachine,
        kind if SHARED.contains(&kind) => Reach::Every,
        kind => Reach::Unknown(kind.into()),
    })
}

/// A line's mount point, kind of file system, and options of both kinds.
fn mount(line: &str) -> Option<(String, &str, String)> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(4);
    let (point, own) = (before.next()?, before.next()?);
    let mut after = after.split(' ');
    let (kind, _, rest) = (after.next()?, after.next()?, after.next().unwrap_or_default());
    // Blanks in a path are written as octal numbers.
    Some((point.replace("\\040", " "), kind, format!("{own},{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2,local_lock=none
41 22 0:41 / /home/old\\040disk rw shared:3 - nfs server:/old rw,vers=3,nolock,local_lock=all
42 22 0:42 / /scratch rw - lustre mds:/scratch rw,localflock,user_xattr
43 22 0:43 / /work rw - lustre mds:/work rw,flock
44 22 0:44 / /odd rw - beegfs none rw
";

    #[test]
    fn how_far_locks_reach_is_read_from_the_mounts() {
        let reach = |path: &str| reach(Path::new(path), MOUNTS).unwrap();
        assert_eq!(reach("/srv/runs"), Reach::ThisMachine);
        assert_eq!(reach("/home/me/runs"), Reach::Every);
        assert!(matches!(reach("/home/old disk/runs"), Reach::EachItsOwn(why) if why.contains("nolock")));
        assert!(matches!(reach("/scratch/me"), Reach::EachItsOwn(why) if why.contains("localflock")));
        assert_eq!(reach("/work/me"), Reach::Every);
        assert_eq!(reach("/odd"), Reach::Unknown("beegfs".into()));
        assert_eq!(super::reach(Path::new("/x"), "nonsense"), None);
    }
}
