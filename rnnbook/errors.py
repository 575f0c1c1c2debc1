"""The root of the course's own errors."""


class CourseError(ValueError):
    """What whoever gave the command or called the function can mend: the message says what is wrong and what to do.

    The command line shows the message alone; any other error is a fault of the course and keeps its traceback.
    """


def told(error):
    """One line about an error: the course's own say it all, of any other its kind belongs to it."""
    return str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"


def why(error):
    """Why a file cannot be read: of an error of the system its words alone, without number and path."""
    return getattr(error, "strerror", None) or str(error)
