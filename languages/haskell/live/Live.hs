{-# LANGUAGE GADTs, MagicHash, NamedFieldPuns, RecordWildCards, UnboxedTuples #-}

-- | What is done before a program's own main where a person types its input.
module Live (main) where

import Control.Concurrent.MVar (modifyMVar_)
import Control.Exception (IOException, handle)
import Data.Typeable (Typeable, cast)
import GHC.Exts (Ptr (..), addrToAny#)
import GHC.IO.BufferedIO (BufferedIO (..))
import GHC.IO.Device (IODevice, RawIO)
import qualified GHC.IO.Device as Raw
import GHC.IO.FD (FD)
import GHC.IO.Handle.Types (Handle (..), Handle__ (..))
import System.IO (BufferMode (..), hFlush, hGetBuffering, hSetBuffering, stdin, stdout)
import Unsafe.Coerce (unsafeCoerce)

foreign import ccall unsafe "polykernel_program" program :: IO (Ptr ())

main :: IO ()
main = do
  buffering <- hGetBuffering stdout
  case buffering of
    BlockBuffering _ -> hSetBuffering stdout LineBuffering
    _ -> pure ()
  case stdin of
    FileHandle _ state -> modifyMVar_ state (pure . rewired)
    DuplexHandle {} -> pure ()
  Ptr address <- program
  case addrToAny# address of (# own #) -> own

-- | How a device is read and written.
data Ways device where
  Ways :: (RawIO device, BufferedIO device) => Ways device

newtype Prompting = Prompting FD

-- | The same handle, before each read of which stdout is flushed. Its device is still an FD, for
-- who casts it to one; this is why a dictionary is changed and not the type.
rewired :: Handle__ -> Handle__
rewired state@Handle__ {haDevice} = case cast haDevice of
  Just fd -> reading (unsafeCoerce (Ways :: Ways Prompting) :: Ways FD) fd state
  Nothing -> state

reading :: (IODevice device, Typeable device) => Ways device -> device -> Handle__ -> Handle__
reading Ways device Handle__ {haDevice = _, ..} = Handle__ {haDevice = device, ..}

prompt :: IO ()
prompt = handle (\closed -> const (pure ()) (closed :: IOException)) (hFlush stdout)

instance RawIO Prompting where
  read (Prompting fd) to offset size = prompt >> Raw.read fd to offset size
  readNonBlocking (Prompting fd) to offset size = prompt >> Raw.readNonBlocking fd to offset size
  write (Prompting fd) = Raw.write fd
  writeNonBlocking (Prompting fd) = Raw.writeNonBlocking fd

instance BufferedIO Prompting where
  newBuffer (Prompting fd) = newBuffer fd
  fillReadBuffer (Prompting fd) buffer = prompt >> fillReadBuffer fd buffer
  fillReadBuffer0 (Prompting fd) buffer = prompt >> fillReadBuffer0 fd buffer
  flushWriteBuffer (Prompting fd) = flushWriteBuffer fd
  flushWriteBuffer0 (Prompting fd) = flushWriteBuffer0 fd
