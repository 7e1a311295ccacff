//! The networks that there are: those built in, and text files in folders `networks`. Baselines are found by name too. Reads
//! files; knows nothing of runs.

use crate::disk::named;
use crate::model::Model;
use std::io;
use std::path::{Path, PathBuf};

/// No network in a file is longer.
const LONGEST: u64 = 1 << 20;

/// The folder of networks in the data folder, in a notebook and beside the config file.
pub const FOLDER: &str = "networks";

/// Networks by name, the built-in ones first.
#[derive(Clone, Debug)]
pub struct Catalogue {
    models: Vec<Model>,
    faults: Vec<CatalogueError>,
}

/// Why a network can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// No network has this name.
    #[error("no model is called '{name}'; there are {}", known.join(", "))]
    Unknown {
        /// As asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The file can't be read.
    #[error("{} can't be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A folder of networks can't be listed.
    #[error("the folder of networks {} can't be read: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file's text is no network.
    #[error("{}, {error}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// Where and what.
        error: crate::model::TextError,
    },
    /// The name belongs to another one.
    #[error("{}: the name '{name}' is that of {owner}; give this network another name", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// The name in it.
        name: String,
        /// Whose it is: a built-in network or another file.
        owner: String,
    },
}

/// Reads the network in a file. A built-in one's name is taken unless the layers are its own.
pub fn read_file(path: &Path) -> Result<Model, CatalogueError> {
    let unreadable =
        |error: io::Error| CatalogueError::Unreadable { path: path.into(), reason: error.to_string() };
    let text = named::read_text(path, LONGEST).map_err(unreadable)?;
    let model = Model::from_text(&text).map_err(|error| CatalogueError::Text { path: path.into(), error })?;
    match Model::named(model.name()) {
        Some(built_in) if built_in != model => Err(CatalogueError::Taken {
            path: path.into(),
            name: model.name().into(),
            owner: match built_in.baseline() {
                Some(_) => "a baseline".into(),
                None => "a built-in network with other layers".into(),
            },
        }),
        _ => Ok(model),
    }
}

impl Catalogue {
    /// What is built in, and every `.toml` file of these folders. A file that is no network is a fault, told when its
    /// network is asked for; a folder that is not there is empty.
    pub fn read(folders: &[PathBuf]) -> Self {
        let mut catalogue = Catalogue { models: Model::built_in().to_vec(), faults: Vec::new() };
        for folder in folders {
            let mut paths = match named::list(folder) {
                Ok(paths) => paths,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                Err(error) => {
                    let reason = error.to_string();
                    catalogue.faults.push(CatalogueError::Folder { path: folder.clone(), reason });
                    Vec::new()
                }
            };
            paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
            for path in paths {
                catalogue.add(&path);
            }
        }
        catalogue
    }

    fn add(&mut self, path: &Path) {
        match read_file(path) {
            Ok(model) => match self.models.iter().find(|known| known.name() == model.name()) {
                None => self.models.push(model),
                Some(known) if *known == model => (),
                Some(_) => self.faults.push(CatalogueError::Taken {
                    path: path.into(),
                    name: model.name().into(),
                    owner: "another file's network".into(),
                }),
            },
            Err(error) => self.faults.push(error),
        }
    }

    /// Every network, the built-in ones first.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Files that lie there and are no networks.
    pub fn faults(&self) -> &[CatalogueError] {
        &self.faults
    }

    /// The network or baseline of this name, or that in the file of this path if it ends in `.toml`.
    pub fn find(&self, name: &str) -> Result<Model, CatalogueError> {
        if name.ends_with(".toml") {
            return read_file(Path::new(name));
        }
        if let Some(model) = self.models.iter().chain(Model::baselines()).find(|model| model.name() == name) {
            return Ok(model.clone());
        }
        // A file of that name with a mistake in it, or a folder that can't be read, is why the network is missing.
        let named = |path: &Path| path.file_stem().is_some_and(|stem| stem == name);
        let fault = self.faults.iter().find(|fault| match fault {
            CatalogueError::Text { path, .. }
            | CatalogueError::Unreadable { path, .. }
            | CatalogueError::Taken { path, .. } => named(path),
            CatalogueError::Folder { .. } => true,
            CatalogueError::Unknown { .. } => false,
        });
        Err(fault.cloned().unwrap_or_else(|| CatalogueError::Unknown {
            name: name.into(),
            known: self
                .models
                .iter()
                .chain(Model::baselines())
                .map(|model| model.name().to_owned())
                .collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_join_the_built_in_networks_and_faults_are_told_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        let shallow = Model::named("shallowconvnet").unwrap();
        let mine = |text: &str| text.replace("\"shallowconvnet\"", "\"mine\"");
        put("mine.toml", &mine(shallow.text()));
        put("mine2.toml", &mine(shallow.text()).replace("kernel = 25", "kernel = 24"));
        put("wrong.toml", "name = \"wrong\"\nlayers = [{ type = \"conv1d\" }]\n");
        put("taken.toml", &shallow.text().replace("kernel = 25", "kernel = 24"));
        put("notes.txt", "no network");
        let catalogue = Catalogue::read(&[folder.path().into(), folder.path().join("not there")]);
        assert_eq!(catalogue.models().len(), Model::built_in().len() + 1);
        assert_eq!(catalogue.faults().len(), 3);
        assert_eq!(catalogue.find("mine").unwrap().lines(), shallow.lines());
        assert_eq!(catalogue.find("eegnet").unwrap(), Model::eegnet());
        let error = |name: &str| catalogue.find(name).unwrap_err().to_string();
        assert!(
            error("wrong").contains("wrong.toml, line 2: layer 1 (conv1d): no layer"),
            "{}",
            error("wrong")
        );
        assert!(error("taken").contains("another name"), "{}", error("taken"));
        assert!(error("resnet").ends_with("mine, logvar, csp, tangent, blocks"), "{}", error("resnet"));
        assert!(catalogue.find("csp").unwrap().baseline().is_some());
        let path = folder.path().join("mine2.toml");
        assert_ne!(catalogue.find(path.to_str().unwrap()).unwrap(), catalogue.find("mine").unwrap());
    }
}
