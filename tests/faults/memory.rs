//! A disk in memory that remembers every write, sync and rename, so that it can be copied, and cut off as a power cut would.

use eeg_tui::disk::{Access, Disk, Entry, Kind, OpenFile, SharedDisk, Sharing, Stat};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The number of a file or folder.
type Node = u64;

pub const ROOT: Node = 0;

/// One change, as the system was told it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    MakeFile { folder: Node, name: OsString, node: Node },
    MakeFolder { folder: Node, name: OsString, node: Node },
    Append { node: Node, bytes: Vec<u8> },
    Overwrite { node: Node, bytes: Vec<u8> },
    SetLength { node: Node, length: u64 },
    Rename { from: Node, old: OsString, to: Node, new: OsString, node: Node },
    Remove { folder: Node, name: OsString },
    SyncFile { node: Node },
    SyncFolder { folder: Node },
}

#[derive(Clone, Debug)]
enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, Node>),
}

#[derive(Clone, Debug)]
struct State {
    nodes: HashMap<Node, (Content, i64)>,
    next: Node,
    /// Grows by one with each change: the time of files.
    now: i64,
    log: Vec<Change>,
    /// Who holds locks on what: handles by node.
    locks: HashMap<Node, Vec<(u64, Sharing)>>,
    handles: u64,
}

/// A disk in memory. Clones are the same disk; [`MemoryDisk::copy`] is another.
#[derive(Clone, Debug)]
pub struct MemoryDisk(Arc<Mutex<State>>);

fn error(kind: io::ErrorKind) -> io::Error {
    kind.into()
}

impl State {
    fn folder(&self, node: Node) -> io::Result<&BTreeMap<OsString, Node>> {
        match &self.nodes.get(&node).ok_or_else(|| error(io::ErrorKind::NotFound))?.0 {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(error(io::ErrorKind::NotADirectory)),
        }
    }

    fn find(&self, path: &Path) -> io::Result<Node> {
        let mut node = ROOT;
        for part in path.components().filter(|part| matches!(part, std::path::Component::Normal(_))) {
            node = *self.folder(node)?.get(part.as_os_str()).ok_or_else(|| error(io::ErrorKind::NotFound))?;
        }
        Ok(node)
    }

    fn place(&self, path: &Path) -> io::Result<(Node, OsString)> {
        let name = path.file_name().ok_or_else(|| error(io::ErrorKind::InvalidInput))?;
        let folder = self.find(path.parent().unwrap_or(Path::new("/")))?;
        self.folder(folder)?;
        Ok((folder, name.to_owned()))
    }

    /// Does a change. One that makes no sense on this state (its file was lost) does nothing.
    fn apply(&mut self, change: &Change) {
        self.now += 1;
        let now = self.now;
        let mut names = |folder: &Node, change: &mut dyn FnMut(&mut BTreeMap<OsString, Node>)| {
            if let Some((Content::Folder(names), time)) = self.nodes.get_mut(folder) {
                change(names);
                *time = now;
            }
        };
        match change {
            Change::MakeFile { folder, name, node } | Change::MakeFolder { folder, name, node } => {
                names(folder, &mut |names| _ = names.insert(name.clone(), *node));
                self.nodes.entry(*node).or_insert_with(|| {
                    let is_file = matches!(change, Change::MakeFile { .. });
                    (if is_file { Content::File(Vec::new()) } else { Content::Folder(BTreeMap::new()) }, now)
                });
                self.next = self.next.max(node + 1);
            }
            Change::Rename { from, old, to, new, node } => {
                names(from, &mut |names| {
                    if names.get(old) == Some(node) {
                        names.remove(old);
                    }
                });
                names(to, &mut |names| _ = names.insert(new.clone(), *node));
            }
            Change::Remove { folder, name } => names(folder, &mut |names| _ = names.remove(name)),
            Change::Append { node, bytes } => self.with_file(node, |data| data.extend(bytes)),
            Change::Overwrite { node, bytes } => self.with_file(node, |data| data.clone_from(bytes)),
            Change::SetLength { node, length } => {
                self.with_file(node, |data| data.resize(*length as usize, 0))
            }
            Change::SyncFile { .. } | Change::SyncFolder { .. } => {}
        }
    }

    fn with_file(&mut self, node: &Node, change: impl FnOnce(&mut Vec<u8>)) {
        // A file whose making was lost, and whose content was not: nobody will find it by name.
        let now = self.now;
        self.next = self.next.max(node + 1);
        if let (Content::File(data), time) =
            self.nodes.entry(*node).or_insert_with(|| (Content::File(Vec::new()), now))
        {
            change(data);
            *time = now;
        }
    }

    fn change(&mut self, change: Change) {
        self.apply(&change);
        self.log.push(change);
    }

    fn stat(&self, node: Node) -> io::Result<Stat> {
        let (content, time) = self.nodes.get(&node).ok_or_else(|| error(io::ErrorKind::NotFound))?;
        let (kind, length) = match content {
            Content::File(data) => (Kind::File, data.len() as u64),
            Content::Folder(_) => (Kind::Folder, 0),
        };
        Ok(Stat { kind, length, modified: (*time, 0), changed: (*time, 0), inode: node + 1 })
    }
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        let nodes = HashMap::from([(ROOT, (Content::Folder(BTreeMap::new()), 0))]);
        let state = State { nodes, next: 1, now: 0, log: Vec::new(), locks: HashMap::new(), handles: 0 };
        MemoryDisk(Arc::new(Mutex::new(state)))
    }

    /// Another disk with the same content, on which nobody holds a lock.
    pub fn copy(&self) -> Self {
        let state = self.0.lock().unwrap().clone();
        MemoryDisk(Arc::new(Mutex::new(State { locks: HashMap::new(), log: Vec::new(), ..state })))
    }

    /// The same as a shared disk.
    pub fn shared(&self) -> SharedDisk {
        Arc::new(self.clone())
    }

    /// What changed since the disk was made or copied.
    pub fn log(&self) -> Vec<Change> {
        self.0.lock().unwrap().log.clone()
    }

    /// Another disk on which these changes happen too.
    pub fn with(&self, changes: impl IntoIterator<Item = Change>) -> Self {
        let disk = self.copy();
        let mut state = disk.0.lock().unwrap();
        changes.into_iter().for_each(|change| state.apply(&change));
        drop(state);
        disk
    }

    /// Every file's path and content.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(state: &State, node: Node, path: &str, found: &mut BTreeMap<String, Vec<u8>>) {
            match state.nodes.get(&node).map(|(content, _)| content) {
                Some(Content::File(data)) => drop(found.insert(path.to_owned(), data.clone())),
                Some(Content::Folder(names)) => {
                    for (name, node) in names {
                        walk(state, *node, &format!("{path}/{}", name.to_str().unwrap()), found);
                    }
                }
                None => {}
            }
        }
        let mut found = BTreeMap::new();
        walk(&self.0.lock().unwrap(), ROOT, "", &mut found);
        found
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn OpenFile>> {
        let mut state = self.0.lock().unwrap();
        let node = match (state.find(path), access) {
            (Ok(_), Access::New) => return Err(error(io::ErrorKind::AlreadyExists)),
            (Ok(node), _) if state.stat(node)?.kind != Kind::File => {
                return Err(error(io::ErrorKind::InvalidInput));
            }
            (Ok(node), _) => node,
            (Err(found), Access::Read) => return Err(found),
            (Err(found), _) if found.kind() != io::ErrorKind::NotFound => return Err(found),
            (Err(_), _) => {
                let (folder, name) = state.place(path)?;
                let node = state.next;
                state.change(Change::MakeFile { folder, name, node });
                node
            }
        };
        state.handles += 1;
        Ok(Box::new(Handle { disk: self.clone(), node, number: state.handles }))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let state = self.0.lock().unwrap();
        state.stat(state.find(path)?)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let state = self.0.lock().unwrap();
        let names = state.folder(state.find(folder)?)?;
        names
            .iter()
            .map(|(name, node)| Ok(Entry { name: name.clone(), kind: state.stat(*node)?.kind }))
            .collect()
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.find(path).is_ok() {
            return Err(error(io::ErrorKind::AlreadyExists));
        }
        let (folder, name) = state.place(path)?;
        let node = state.next;
        state.change(Change::MakeFolder { folder, name, node });
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let node = state.find(from)?;
        let ((from, old), (to, new)) = (state.place(from)?, state.place(to)?);
        if let Some(there) = state.folder(to)?.get(&new)
            && let Ok(names) = state.folder(*there)
            && !names.is_empty()
        {
            return Err(error(io::ErrorKind::DirectoryNotEmpty));
        }
        state.change(Change::Rename { from, old, to, new, node });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let node = state.find(path)?;
        if state.stat(node)?.kind != Kind::File {
            return Err(error(io::ErrorKind::IsADirectory));
        }
        let (folder, name) = state.place(path)?;
        state.change(Change::Remove { folder, name });
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let node = state.find(path)?;
        if !state.folder(node)?.is_empty() {
            return Err(error(io::ErrorKind::DirectoryNotEmpty));
        }
        let (folder, name) = state.place(path)?;
        state.change(Change::Remove { folder, name });
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let folder = state.find(folder)?;
        state.change(Change::SyncFolder { folder });
        Ok(())
    }

    fn free_space(&self, _: &Path) -> io::Result<u64> {
        Ok(1 << 40)
    }
}

#[derive(Debug)]
struct Handle {
    disk: MemoryDisk,
    node: Node,
    number: u64,
}

impl Handle {
    fn change(&self, change: Change) -> io::Result<()> {
        self.disk.0.lock().unwrap().change(change);
        Ok(())
    }
}

impl OpenFile for Handle {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.0.lock().unwrap();
        let Some((Content::File(data), _)) = state.nodes.get(&self.node) else { return Ok(0) };
        let rest = data.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(bytes.len());
        bytes[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        self.change(Change::Append { node: self.node, bytes: bytes.to_owned() })?;
        Ok(bytes.len())
    }

    fn overwrite(&self, bytes: &[u8]) -> io::Result<()> {
        self.change(Change::Overwrite { node: self.node, bytes: bytes.to_owned() })
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.change(Change::SetLength { node: self.node, length })
    }

    fn sync(&self) -> io::Result<()> {
        self.change(Change::SyncFile { node: self.node })
    }

    fn stat(&self) -> io::Result<Stat> {
        self.disk.0.lock().unwrap().stat(self.node)
    }

    fn try_lock(&self, sharing: Sharing) -> io::Result<bool> {
        let mut state = self.disk.0.lock().unwrap();
        let holders = state.locks.entry(self.node).or_default();
        holders.retain(|(number, _)| *number != self.number);
        let free = match sharing {
            Sharing::Alone => holders.is_empty(),
            Sharing::Shared => holders.iter().all(|(_, sharing)| *sharing == Sharing::Shared),
        };
        if free {
            holders.push((self.number, sharing));
        }
        Ok(free)
    }

    fn unlock(&self) -> io::Result<()> {
        if let Some(holders) = self.disk.0.lock().unwrap().locks.get_mut(&self.node) {
            holders.retain(|(number, _)| *number != self.number);
        }
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}
