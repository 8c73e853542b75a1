"""What documents are made from: frozen snapshots."""
