export { ArchiveDamaged, checkArchive, InstanceNotEmpty, readArchive } from './read-archive.js';
export { FolderNotEmpty, writeArchive } from './write-archive.js';
