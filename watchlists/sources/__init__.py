"""One importer per list format: file in, `Imported` out; broken rows are left out and told, good rows kept."""
