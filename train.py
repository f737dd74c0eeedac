"""Train one configuration, or sweep several: python train.py [-m] group=choice key=value ..."""

from yololab.cli.train_command import main

if __name__ == "__main__":
    main()
