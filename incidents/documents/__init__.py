"""What a document about records is made from: plain values as they were read at one moment."""
